import { hash } from "node:crypto";
import type { InstanceId, Upstream, UpstreamStore } from "@ticktally/core";
import type { GatewayPace, ReconcileQueue, RedisReconciliationStore } from "@ticktally/redis";
import {
  siftJournal,
  siftStoryStatuses,
  type JournalEntry,
  type Reconciliation,
  type ReconcileJob,
  type ReconcileOutcome,
} from "@ticktally/schemas";
import { timeSlices, type Logger } from "@ticktally/telemetry";
import type { Dispatcher } from "undici";
import { backOffMs } from "./back-off.ts";
import { GatewayClient, GatewayError } from "./gateway-client.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { noCounts, type ComparisonCounts, type JournalComparison } from "./journal-comparison.ts";

export interface ReconcilerDeps {
  readonly upstreams: UpstreamStore;
  readonly runs: Pick<RedisReconciliationStore, "last" | "all" | "put">;
  readonly jobs: Pick<ReconcileQueue, "add">;
  /** Connects only where that is allowed. */
  readonly agent: Dispatcher;
  readonly pace: Pick<GatewayPace, "turn">;
  readonly comparison: Pick<JournalComparison, "feed" | "feedStory">;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Ends what is under way when the process stops. */
  readonly signal: AbortSignal;
  /** Unix ms */
  readonly now: () => number;
}

type Look = Extract<ReconcileJob, { kind: "look" }>;
type File = Extract<ReconcileJob, { kind: "file" }>;

const MINUTES_FIRST = 1_440;
/** A message shows in a journal up to 2 minutes late (domain.md §3.1), and clocks differ. */
const MINUTES_OVERLAP = 10;
const BACK_OFF_MS = 10_000;
/** One request each, a second apart: ten minutes. The rest, the oldest, is told as skipped. */
const STORIES_MAX = 600;
/** A gateway may take 20 s for each answer: once a look has taken so long, no more is asked. The rest is told as skipped. */
const LOOK_MS_MAX = 15 * 60_000;

/** A worker may be killed by what another look does; one that was there twice when it happened is not tried again. */
const STARTS_MAX = 2;

/** Asks gateways what became of messages, and makes good what was lost on the way here. */
export class Reconciler {
  readonly #deps: ReconcilerDeps;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /**
   * @param starts how often this job was begun, this time included
   * @throws {StoreUnavailableError} the schedule brings it again
   */
  async process(job: ReconcileJob, starts: number): Promise<void> {
    if (job.kind === "tick") await this.#queueDue();
    else await this.#run(job, starts);
  }

  async #queueDue(): Promise<void> {
    const { upstreams, runs, jobs, now } = this.#deps;
    const [all, last] = await Promise.all([upstreams.upstreams(), runs.all()]);
    for (const [instance, upstream] of all) {
      if (upstream.reconcileEveryMinutes === 0 || !isDue(upstream, last.get(instance), now())) continue;
      await jobs.add({ v: 1, kind: "look", instance, source: "schedule" });
    }
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
    // Nothing is kept of an instance that was forgotten meanwhile.
    if (outcome === "no_upstream") return;
    const told = { ...run, ...(fault === undefined ? {} : { error: fault.error }) };
    const end = { upstream, last, startedAtMs, finishedAtMs, minutes, fault };
    const next = job.kind === "file" ? keptSchedule(upstream, last) : scheduleAfter(end);
    await runs.put(job.instance, { ...told, startedAtMs, finishedAtMs, ...next });
    const line = { instance: job.instance, ...told, durationMs: finishedAtMs - startedAtMs };
    if (fault === undefined) logger.info(line, "reconciled");
    else logger.warn({ ...line, failures: next.failures }, "not reconciled");
  }

  async #takeFile({ instance, entries, unread }: File, counts: ComparisonCounts): Promise<undefined> {
    counts.skipped += unread;
    await this.#deps.comparison.feed(instance, entries, counts);
  }

  async #look(
    instance: InstanceId,
    upstream: Upstream | undefined,
    minutes: number,
    counts: ComparisonCounts,
  ): Promise<Fault | undefined> {
    if (upstream === undefined) return { outcome: "no_upstream", error: "this instance has no upstream" };
    const { agent, comparison, pace, signal, now } = this.#deps;
    const endsAtMs = now() + LOOK_MS_MAX;
    const client = new GatewayClient(instance, upstream, agent, signal);
    const rest = `?minutes=${String(minutes)}`;
    try {
      const outgoing = await this.#journal(instance, client, { method: "lastOutgoingMessages", rest }, counts);
      const stories = await comparison.feed(instance, outgoing, counts);
      const incoming = await this.#journal(instance, client, { method: "lastIncomingMessages", rest }, counts);
      await comparison.feed(instance, incoming, counts);
      for (const [asked, story] of stories.entries()) {
        if (asked === STORIES_MAX || now() >= endsAtMs) {
          counts.skipped += stories.length - asked;
          break;
        }
        const query = `?idMessage=${encodeURIComponent(story.entry.idMessage)}`;
        await pace.turn(instance, signal);
        const call = { method: "getStatusStatistic", rest: query };
        const { read, unread, isCut } = await client.askList(call, async (pieces) =>
          siftStoryStatuses(pieces, { pause: timeSlices() }),
        );
        counts.skipped += unread + Number(isCut);
        await comparison.feedStory(instance, story, read, counts);
      }
      return undefined;
    } catch (error) {
      if (error instanceof GatewayError)
        return { outcome: error.fault, error: error.message, retryAfterMs: error.retryAfterMs };
      throw error;
    }
  }

  async #journal(
    instance: InstanceId,
    client: GatewayClient,
    call: Call,
    counts: ComparisonCounts,
  ): Promise<readonly JournalEntry[]> {
    const { pace, signal } = this.#deps;
    await pace.turn(instance, signal);
    const { read, unread, isCut } = await client.askList(call, async (pieces) =>
      siftJournal(pieces, { pause: timeSlices() }),
    );
    counts.skipped += unread + Number(isCut);
    return read;
  }
}

interface Call {
  readonly method: string;
  readonly rest: string;
}

interface Fault {
  readonly outcome: Exclude<ReconcileOutcome, "ok">;
  readonly error: string;
  readonly retryAfterMs?: number | undefined;
}

/** The schedule tries it again later, and after each time waits longer. */
const GIVEN_UP: Fault = {
  outcome: "failed",
  error: `given up: ${String(STARTS_MAX)} workers ended during this run`,
};

type Schedule = Pick<Reconciliation, "nextAtMs" | "failures" | "upstream" | "lookedUntilMs">;

function isDue(upstream: Upstream, last: Reconciliation | undefined, now: number): boolean {
  if (last?.upstream !== markOf(upstream)) return true;
  const periodMs = upstream.reconcileEveryMinutes * 60_000;
  // After a good look the period as it is now counts, for it may have been shortened since.
  return now >= (last.failures > 0 ? last.nextAtMs : (last.lookedUntilMs ?? 0) + periodMs);
}

function minutesSince(last: Reconciliation | undefined, now: number): number {
  if (last?.lookedUntilMs === undefined) return MINUTES_FIRST;
  return Math.ceil((now - last.lookedUntilMs) / 60_000) + MINUTES_OVERLAP;
}

/** A file says nothing of the gateway. */
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
  // A short look on request may leave a gap after the last one, or be the first: the schedule's still has to come.
  const from = startedAtMs - minutes * 60_000;
  const hasGap = from > (last?.lookedUntilMs ?? startedAtMs - MINUTES_FIRST * 60_000);
  const lookedUntilMs = hasGap ? last?.lookedUntilMs : startedAtMs;
  return { nextAtMs, failures: 0, upstream: mark, ...(lookedUntilMs === undefined ? {} : { lookedUntilMs }) };
}

/** Tells one upstream from another, without its token. */
function markOf(upstream: Upstream | undefined): string {
  if (upstream === undefined) return "";
  return hash("sha256", `${upstream.apiUrl} ${upstream.apiTokenInstance}`, "hex").slice(0, 16);
}
