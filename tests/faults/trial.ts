import { randomOf, type Random } from "../support/day.ts";
import { until } from "../support/until.ts";
import { Gateway } from "../support/gateway.ts";
import { WEBHOOK_TOKEN, type System } from "../system.ts";
import { compare } from "./checker.ts";
import { Load, type LoadOptions } from "./load.ts";
import type { Rig } from "./rig.ts";

/** The result of one run of a fault. */
export interface Result {
  readonly fault: string;
  readonly seed: number;
  /** The instances of the load. */
  readonly instances: readonly string[];
  readonly acknowledged: number;
  /** Answers 503 with Retry-After. */
  readonly refused: number;
  /** Posts that got no answer. */
  readonly unanswered: number;
  readonly lost: number;
  readonly countedTwice: number;
  /** From the end of the fault (or from its injection, if the system ends it) until everything is ready and counted. */
  readonly recoverySeconds: number;
  /** Further observations. */
  readonly note: string;
  /** Whether this fault may lose the last seconds by design. Then all webhooks are posted again before the comparison. */
  readonly mayLose: boolean;
  /** Broken guarantees; every run must have none. */
  readonly faults: readonly string[];
}

export interface TrialOptions extends Omit<LoadOptions, "port"> {
  readonly fault: string;
  readonly mayLose?: boolean;
}

/** What an injection reports. */
interface InjectionReport {
  /** From when on the system can recover, Unix ms. Default: when the injection returned. */
  readonly recoveryStartedAt?: number;
  /** An observation for the report. */
  readonly note?: string;
  /** Instances whose earlier data was removed on purpose. */
  readonly reset?: Reset;
}

interface Reset {
  readonly instances: readonly string[];
  /** Webhooks that were sent later must be counted, Unix ms. */
  readonly atMs: number;
}

/** Injects a fault and ends it. */
export type Injection = (random: Random, load: Load) => Promise<InjectionReport>;

/** The limit for a recovery, which usually takes seconds. */
const RECOVERY_MS_MAX = 120_000;
const ACCEPTED_BEFORE = 300;

/** Inject a fault in the middle of a load. Afterwards everything answered 200 must be counted once. */
export async function underLoad(rig: Rig, options: TrialOptions, inject: Injection): Promise<Result> {
  const random = randomOf(options.seed * 31 + 7);
  await rig.restartEnded();
  const endsBefore = endsOf(rig);
  const load = new Load({ ...options, port: rig.system.ingestPort });
  await load.acceptsMore(ACCEPTED_BEFORE + random(600), 60_000);
  const { note, reset, recoveryStartedAt = Date.now() } = await inject(random, load);
  const acceptedBy = Date.now();
  const isOver = async () => isRecovered(rig, load, acceptedBy);
  await load.inRecovery(async () => until("everything is ready and counts again", isOver, RECOVERY_MS_MAX));
  const recoverySeconds = (Date.now() - recoveryStartedAt) / 1000;
  await load.acceptsMore(ACCEPTED_BEFORE, 60_000);
  await load.end(RECOVERY_MS_MAX);
  await rig.system.drained(RECOVERY_MS_MAX);
  const ends = endsOf(rig) - endsBefore;
  const notes = [note, ends > 0 ? `${ends} restarts` : ""];
  const faults = reset === undefined ? [] : await checkAfterReset(rig, load, reset);
  return check(rig, load, options, recoverySeconds, { notes, faults });
}

/** Compare the system with everything that was answered 200. */
async function check(
  rig: Rig,
  load: Load,
  { fault, seed, mayLose = false }: TrialOptions,
  recoverySeconds: number,
  seen: { readonly notes: readonly (string | undefined)[]; readonly faults: readonly string[] },
): Promise<Result> {
  const { history, instances } = load;
  const verdict = await compare(rig.system, instances, history.acknowledged);
  let { differences } = verdict;
  if (mayLose && verdict.lost > 0) {
    await resend(rig, history.acknowledged);
    ({ differences } = await compare(rig.system, instances, history.acknowledged));
  }
  return {
    fault,
    seed,
    instances,
    acknowledged: history.acknowledged.length,
    refused: history.refused,
    unanswered: history.unanswered.length,
    lost: verdict.lost,
    countedTwice: verdict.countedTwice,
    recoverySeconds,
    note: seen.notes.filter((note) => note !== undefined && note !== "").join(", "),
    mayLose,
    faults: [
      ...seen.faults,
      ...differences,
      ...history.faults(rig.app("ingest").downtimes),
      ...(await leftovers(rig.system)),
    ],
  };
}

/**
 * Check instances whose data was removed: everything sent since is counted, and nothing twice. Then post all their webhooks again. {@link check}
 * compares the counts afterwards, which shows that no removed data was still counted.
 */
async function checkAfterReset(rig: Rig, { history }: Load, { instances, atMs }: Reset): Promise<readonly string[]> {
  const { acknowledged } = history;
  const { lost } = await compare(rig.system, instances, history.acknowledgedAfter(atMs));
  const { countedTwice } = await compare(rig.system, instances, acknowledged);
  const ofThem = acknowledged.filter((webhook) => instances.some((instance) => webhook.includes(instance)));
  await resend(rig, ofThem);
  return [
    ...(lost > 0 ? [`${lost} counts since the removal of the data are lost`] : []),
    ...(countedTwice > 0 ? [`${countedTwice} counts too many after the removal of the data`] : []),
  ];
}

/** Post webhooks again, as reconciliation with the gateway's journal does. Webhooks that are already counted must change nothing. */
async function resend({ system }: Rig, webhooks: readonly string[]): Promise<void> {
  await new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 32 }).deliver(webhooks);
  await system.drained(RECOVERY_MS_MAX);
}

/** All apps are ready, a webhook sent since is accepted, and everything accepted before is counted. */
async function isRecovered(rig: Rig, load: Load, since: number): Promise<boolean> {
  if (load.history.lastAcceptedSentAt < since && !load.isOver) return false;
  const ready = await Promise.all(rig.processes.map(async (app) => app.isReady()));
  if (!ready.every(Boolean)) return false;
  const askedAt = Date.now();
  const samples = await rig.system.prometheus();
  if (samples.value("ticktally_redis_up") === 0) return false;
  return askedAt - 1000 * samples.value("ticktally_queue_age_seconds") > since;
}

async function leftovers(system: System): Promise<readonly string[]> {
  const samples = await system.prometheus();
  const quarantined = samples.value("ticktally_quarantine_size");
  const queued = samples.sum("ticktally_queue_jobs");
  return [
    ...(quarantined > 0 ? [`${quarantined} webhooks are in quarantine`] : []),
    ...(queued > 0 ? [`${queued} jobs remain in the queue`] : []),
  ];
}

function endsOf({ processes }: Rig): number {
  return processes.reduce((sum, { ends }) => sum + ends, 0);
}
