import { randomOf, type Random } from "../support/day.ts";
import { until } from "../support/until.ts";
import { Gateway } from "../support/gateway.ts";
import { WEBHOOK_TOKEN, type System } from "../system.ts";
import { compare } from "./checker.ts";
import { Load, type LoadOptions } from "./load.ts";
import type { Rig } from "./rig.ts";

/** What one run of a fault came to. */
export interface Result {
  readonly fault: string;
  readonly seed: number;
  /** Whose webhooks came. */
  readonly instances: readonly string[];
  readonly acknowledged: number;
  /** Answers 503, told to come back later. */
  readonly refused: number;
  /** Posts that got no answer. */
  readonly unanswered: number;
  readonly lost: number;
  readonly countedTwice: number;
  /** From the cure (or from the blow, where nobody cures) until all is ready and counted up to the present. */
  readonly recoverySeconds: number;
  /** What was seen besides. */
  readonly note: string;
  /** Losing the last moments is what this fault does by its nature; all that was lost was posted again. */
  readonly mayLose: boolean;
  /** Promises that did not hold; none is what every run must come to. */
  readonly faults: readonly string[];
}

export interface TrialOptions extends Omit<LoadOptions, "port"> {
  readonly fault: string;
  readonly mayLose?: boolean;
}

/** What a strike tells of itself. */
interface Aftermath {
  /** From when on things may recover, Unix ms. Default: when the strike returned. */
  readonly curedAt?: number;
  /** What was seen, if anything is worth telling. */
  readonly note?: string;
  /** What of these instances came before that was taken away on purpose. */
  readonly reset?: Reset;
}

interface Reset {
  readonly instances: readonly string[];
  /** What was sent later must be counted, Unix ms. */
  readonly atMs: number;
}

/** Does the harm and takes it away again. */
export type Strike = (random: Random, load: Load) => Promise<Aftermath>;

/** No recovery may take longer; real ones take seconds. */
const RECOVERY_MS_MAX = 120_000;
const ACCEPTED_BEFORE = 300;

/** One fault in the middle of a load: afterwards everything answered 200 must be counted, once, and all agree. */
export async function underLoad(rig: Rig, options: TrialOptions, strike: Strike): Promise<Result> {
  const random = randomOf(options.seed * 31 + 7);
  await rig.freshen();
  const endsBefore = endsOf(rig);
  const load = new Load({ ...options, port: rig.system.ingestPort });
  await load.acceptsMore(ACCEPTED_BEFORE + random(600), 60_000);
  const { note, reset, curedAt = Date.now() } = await strike(random, load);
  const acceptedBy = Date.now();
  await until("everything works and counts again", async () => isRecovered(rig, load, acceptedBy), RECOVERY_MS_MAX);
  const recoverySeconds = (Date.now() - curedAt) / 1000;
  await load.acceptsMore(ACCEPTED_BEFORE, 60_000);
  await load.end(RECOVERY_MS_MAX);
  await rig.system.drained(RECOVERY_MS_MAX);
  const ends = endsOf(rig) - endsBefore;
  const notes = [note, ends > 0 ? `${ends} restarts` : ""];
  const faults = reset === undefined ? [] : await judgedAfterReset(rig, load, reset);
  return judged(rig, load, options, recoverySeconds, { notes, faults });
}

/** Compare what the system says with all that a load was answered 200 for. */
async function judged(
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
      ...(await leftOvers(rig.system)),
    ],
  };
}

/**
 * Of instances whose data was taken away what came since is counted, and nothing twice. Once all is posted again, everything is counted once: so
 * nothing that was taken away is still counted.
 */
async function judgedAfterReset(rig: Rig, { history }: Load, { instances, atMs }: Reset): Promise<readonly string[]> {
  const { acknowledged } = history;
  const { lost } = await compare(rig.system, instances, history.acknowledgedAfter(atMs));
  const { countedTwice } = await compare(rig.system, instances, acknowledged);
  const ofThem = acknowledged.filter((webhook) => instances.some((instance) => webhook.includes(instance)));
  await resend(rig, ofThem);
  return [
    ...(lost > 0 ? [`${lost} counts of what came since the data was taken away are lost`] : []),
    ...(countedTwice > 0 ? [`${countedTwice} counts too many where data was taken away`] : []),
  ];
}

/** As the gateway's journal brings again what was lost: what is known already must change nothing. */
async function resend({ system }: Rig, webhooks: readonly string[]): Promise<void> {
  await new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 32 }).deliver(webhooks);
  await system.drained(RECOVERY_MS_MAX);
}

/** Ready, a webhook sent since is accepted, and everything accepted before is counted. */
async function isRecovered(rig: Rig, load: Load, since: number): Promise<boolean> {
  if (load.history.lastAcceptedSentAt < since && !load.isOver) return false;
  const ready = await Promise.all(rig.processes.map(async (app) => app.isReady()));
  if (!ready.every(Boolean)) return false;
  const askedAt = Date.now();
  const samples = await rig.system.prometheus();
  if (samples.value("ticktally_redis_up") === 0) return false;
  return askedAt - 1000 * samples.value("ticktally_queue_age_seconds") > since;
}

async function leftOvers(system: System): Promise<readonly string[]> {
  const samples = await system.prometheus();
  const quarantined = samples.value("ticktally_quarantine_size");
  const queued = samples.sum("ticktally_queue_jobs");
  return [
    ...(quarantined > 0 ? [`${quarantined} webhooks are in quarantine`] : []),
    ...(queued > 0 ? [`${queued} jobs are left in the queue`] : []),
  ];
}

function endsOf({ processes }: Rig): number {
  return processes.reduce((sum, { ends }) => sum + ends, 0);
}
