import type { Outcome } from "@ticktally/core";
import type { Logger } from "@ticktally/telemetry";

/** Longer than any batch takes while Redis is well. */
const SLOW_MS = 1_000;

/** What one job was and what became of it. */
export interface JobWork {
  /** As ingest logs it too. */
  readonly jobId: string;
  readonly shard: number;
  readonly attempt: number;
  readonly webhooks: number;
  readonly instances: number;
  /** How many webhooks had which outcome. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly quarantined: number;
  readonly quarantineReasons: readonly string[];
  /** From the receipt of the oldest webhook to now; `undefined` for a job that could not be read. */
  readonly lagMs: number | undefined;
  readonly durationMs: number;
}

/** One line a job, at `debug` unless there is something to see. */
export function logJob(logger: Logger, { quarantineReasons, ...work }: JobWork): void {
  const outcome = "applied";
  if (work.quarantined > 0) logger.warn({ outcome, ...work, quarantineReasons }, "webhooks quarantined");
  else if (work.durationMs > SLOW_MS) logger.info({ outcome, ...work }, "batch applied slowly");
  else logger.debug({ outcome, ...work }, "batch applied");
}
