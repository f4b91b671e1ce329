import { hash } from "node:crypto";
import type { InstanceId, Upstream, UpstreamStore } from "@ticktally/core";
import type { GatewayPace, ReconcileQueue, RedisReconciliationStore } from "@ticktally/redis";
import {
  gatewayOf,
  siftJournal,
  siftRecipients,
  type GatewayUpstream,
  type JournalEntry,
  type Pseudonyms,
} from "@ticktally/gateways";
import { GatewayClient, GatewayError } from "@ticktally/outbound";
import type { Reconciliation, ReconcileJob, ReconcileOutcome } from "@ticktally/schemas";
import { timeSlices, type Logger } from "@ticktally/telemetry";
import type { Dispatcher } from "undici";
import { backOffMs } from "./back-off.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { noCounts, type ComparisonCounts, type JournalComparison, type ManyRecipients } from "./journal-comparison.ts";

export interface ReconcilerDeps {
  readonly upstreams: UpstreamStore;
  readonly runs: Pick<RedisReconciliationStore, "last" | "all" | "put">;
  readonly jobs: Pick<ReconcileQueue, "add">;
  /** Connects only to allowed addresses. */
  readonly agent: Dispatcher;
  readonly pace: Pick<GatewayPace, "turn">;
  readonly comparison: Pick<JournalComparison, "feed" | "feedRecipients">;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms?: Pseudonyms | undefined;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Aborts work in progress when the process stops. */
  readonly signal: AbortSignal;
  /** Unix ms */
  readonly now: () => number;
}

type Look = Extract<ReconcileJob, { kind: "look" }>;
type File = Extract<ReconcileJob, { kind: "file" }>;

const MINUTES_FIRST = 1_440;
/** A message may appear in a journal 2 minutes late, and clocks differ. */
const MINUTES_OVERLAP = 10;
const BACK_OFF_MS = 10_000;
/** One request each, a second apart: ten minutes. The rest, the oldest, is reported as skipped. */
const RECIPIENTS_ASKED_MAX = 600;
/** A gateway may take 20 s for each answer: once a run has taken this long, it makes no more requests and reports the rest as skipped. */
const LOOK_MS_MAX = 15 * 60_000;

/** A worker may be killed by another run. A run that was in progress twice when that happened is not tried again. */
const STARTS_MAX = 2;

/** Reads gateways' journals, and recovers webhooks that were lost on the way. */
export class Reconciler {
  readonly #deps: ReconcilerDeps;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /**
   * @param starts how often this job was started, including this time
   * @throws {StoreUnavailableError} the schedule repeats it
   */
  async process(job: ReconcileJob, starts: number): Promise<void> {
    if (job.kind === "tick") await this.#queueDue();
    else await this.#run(job, starts);
  }

  async #queueDue(): Promise<void> {
    const { upstreams, runs, jobs, now } = this.#deps;
    const [all, last] = await Promise.all([upstreams.upstreams(), runs.all()]);
    let failure: unknown;
    for (const [instance, upstream] of all) {
      if (upstream.reconcileEveryMinutes === 0 || !isDue(upstream, last.get(instance), now())) continue;
      // One that cannot be queued must not keep those after it from being queued.
      await jobs
        .add({ v: 1, kind: "look", instance, source: "schedule" })
        .catch((error: unknown) => (failure ??= error));
    }
    if (failure instanceof Error) throw failure;
  }

  async #run(job: Look | File, starts: number): Promise<void> {
    const { upstreams, runs, metrics, logger, now } = this.#deps;
    const startedAtMs = now();
    const [upstream, last] = await Promise.all([upstreams.upstream(job.instance), runs.last(job.instance)]);
    const counts = noCounts();
    const minutes = job.kind === "look" ? (job.minutes ?? minutesSince(last, startedAtMs)) : undefined;
    const fault =
      starts > STARTS_MAX
        ? GIVEN_UP
        : await (job.kind === "file"
            ? this.#takeFile(job, counts)
            : this.#look(job.instance, upstream, minutes ?? MINUTES_FIRST, counts));
    const outcome = fault?.outcome ?? "ok";
    metrics.reconciled(outcome, counts);
    const finishedAtMs = now();
    const source = job.kind === "file" ? "file" : job.source;
    const run = { source, outcome, ...(minutes === undefined ? {} : { minutes }), ...counts } as const;
    // Nothing is stored for an instance that was forgotten meanwhile.
    if (outcome === "no_upstream") return;
    const finished = { ...run, ...(fault === undefined ? {} : { error: fault.error }) };
    const end = { upstream, last, startedAtMs, finishedAtMs, minutes, fault };
    const next = job.kind === "file" ? keptSchedule(upstream, last) : scheduleAfter(end);
    await runs.put(job.instance, { ...finished, startedAtMs, finishedAtMs, ...next });
    const line = { instance: job.instance, ...finished, durationMs: finishedAtMs - startedAtMs };
    if (fault === undefined) logger.info(line, "reconciled");
    else logger.warn({ ...line, failures: next.failures }, "not reconciled");
  }

  async #takeFile({ instance, entries, unread }: File, counts: ComparisonCounts): Promise<undefined> {
    const [{ pseudonyms, comparison }, pause] = [this.#deps, timeSlices()];
    const api = gatewayOf(instance)?.upstream;
    const read: JournalEntry[] = [];
    for (const element of entries) {
      const entry = api?.journals.entryOf(element, { pseudonyms });
      if (entry !== undefined) read.push(entry);
      await pause();
    }
    counts.skipped += unread + entries.length - read.length;
    await comparison.feed(instance, read, counts);
  }

  async #look(
    instance: InstanceId,
    upstream: Upstream | undefined,
    minutes: number,
    counts: ComparisonCounts,
  ): Promise<Fault | undefined> {
    const api = gatewayOf(instance)?.upstream;
    if (upstream === undefined || api === undefined)
      return { outcome: "no_upstream", error: "this instance has no upstream" };
    const { agent, signal, now } = this.#deps;
    const client = new GatewayClient({ api, upstream, agent, signal });
    const look: LookInProgress = { instance, upstream, api, client, endsAtMs: now() + LOOK_MS_MAX, counts };
    const messages: ManyRecipients[] = [];
    let fault: Fault | undefined;
    for (const journal of api.journals.requests(instance, upstream, minutes)) {
      const failed = await faultOf(async () => messages.push(...(await this.#readJournal(look, journal))));
      fault ??= failed;
      // An error in one journal does not prevent reading the other.
      if (failed !== undefined && !OF_ONE_JOURNAL.has(failed.outcome)) return fault;
    }
    return fault ?? faultOf(async () => this.#askRecipients(look, messages));
  }

  async #readJournal(look: LookInProgress, { request, direction }: JournalRequest): Promise<readonly ManyRecipients[]> {
    const { instance, api, client, counts } = look;
    const { comparison, pace, pseudonyms, signal } = this.#deps;
    await pace.turn(instance, signal);
    const { read, unread, isCut } = await client.askList(request, async (pieces) =>
      siftJournal(api, pieces, { direction, pseudonyms, pause: timeSlices() }),
    );
    counts.skipped += unread + Number(isCut);
    return comparison.feed(instance, read, counts);
  }

  async #askRecipients(look: LookInProgress, messages: readonly ManyRecipients[]): Promise<void> {
    const { instance, upstream, api, client, endsAtMs, counts } = look;
    const { comparison, pace, signal, now } = this.#deps;
    for (const [asked, message] of messages.entries()) {
      if (asked === RECIPIENTS_ASKED_MAX || now() >= endsAtMs) {
        counts.skipped += messages.length - asked;
        return;
      }
      await pace.turn(instance, signal);
      const request = api.recipients.request(instance, upstream, message.entry);
      const { read, unread, isCut } = await client.askList(request, async (pieces) =>
        siftRecipients(api, pieces, { pause: timeSlices() }),
      );
      counts.skipped += unread + Number(isCut);
      await comparison.feedRecipients(instance, message, read, counts);
    }
  }
}

async function faultOf(work: () => Promise<unknown>): Promise<Fault | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { outcome: error.fault, error: error.message, retryAfterMs: error.retryAfterMs };
  }
}

/** A run in progress. */
interface LookInProgress {
  readonly instance: InstanceId;
  readonly upstream: Upstream;
  readonly api: GatewayUpstream;
  readonly client: GatewayClient;
  /** Unix ms */
  readonly endsAtMs: number;
  readonly counts: ComparisonCounts;
}

type JournalRequest = ReturnType<GatewayUpstream["journals"]["requests"]>[number];

/** Errors that do not affect the gateway's other answers. */
const OF_ONE_JOURNAL: ReadonlySet<ReconcileOutcome> = new Set(["unreadable", "failed", "timeout"]);

interface Fault {
  readonly outcome: Exclude<ReconcileOutcome, "ok">;
  readonly error: string;
  readonly retryAfterMs?: number | undefined;
}

/** The schedule repeats it later, with longer waits each time. */
const GIVEN_UP: Fault = {
  outcome: "failed",
  error: `given up: ${String(STARTS_MAX)} workers ended during this run`,
};

type Schedule = Pick<Reconciliation, "nextAtMs" | "failures" | "upstream" | "lookedUntilMs">;

function isDue(upstream: Upstream, last: Reconciliation | undefined, now: number): boolean {
  if (last?.upstream !== markOf(upstream)) return true;
  const periodMs = upstream.reconcileEveryMinutes * 60_000;
  // After a successful run the current interval counts, because it may have been shortened.
  return now >= (last.failures > 0 ? last.nextAtMs : (last.lookedUntilMs ?? 0) + periodMs);
}

function minutesSince(last: Reconciliation | undefined, now: number): number {
  if (last?.lookedUntilMs === undefined) return MINUTES_FIRST;
  return Math.ceil((now - last.lookedUntilMs) / 60_000) + MINUTES_OVERLAP;
}

/** An uploaded file says nothing about the gateway. */
function keptSchedule(upstream: Upstream | undefined, last: Reconciliation | undefined): Schedule {
  const { nextAtMs = 0, failures = 0, lookedUntilMs } = last ?? {};
  const kept = { nextAtMs, failures, upstream: last?.upstream ?? markOf(upstream) };
  return { ...kept, ...(lookedUntilMs === undefined ? {} : { lookedUntilMs }) };
}

interface RunEnd {
  readonly upstream: Upstream | undefined;
  readonly last: Reconciliation | undefined;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly minutes: number | undefined;
  readonly fault: Fault | undefined;
}

function scheduleAfter({ upstream, last, startedAtMs, finishedAtMs, minutes = 0, fault }: RunEnd): Schedule {
  const mark = markOf(upstream);
  const isSame = last?.upstream === mark;
  if (fault !== undefined) {
    const failures = isSame ? last.failures + 1 : 1;
    const nextAtMs = finishedAtMs + backOffMs(failures, BACK_OFF_MS, fault.retryAfterMs);
    const lookedUntilMs = last?.lookedUntilMs;
    return { nextAtMs, failures, upstream: mark, ...(lookedUntilMs === undefined ? {} : { lookedUntilMs }) };
  }
  const nextAtMs = startedAtMs + (upstream?.reconcileEveryMinutes ?? 0) * 60_000;
  // A short run on request may leave a gap after the last one, or be the first: the scheduled run is still needed.
  const from = startedAtMs - minutes * 60_000;
  const hasGap = from > (last?.lookedUntilMs ?? startedAtMs - MINUTES_FIRST * 60_000);
  const lookedUntilMs = hasGap ? last?.lookedUntilMs : startedAtMs;
  return { nextAtMs, failures: 0, upstream: mark, ...(lookedUntilMs === undefined ? {} : { lookedUntilMs }) };
}

/** Identifies an upstream without its token. */
function markOf(upstream: Upstream | undefined): string {
  if (upstream === undefined) return "";
  return hash("sha256", `${upstream.apiUrl} ${upstream.apiTokenInstance}`, "hex").slice(0, 16);
}
