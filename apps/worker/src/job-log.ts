import type { Outcome } from "@ticktally/core";
import type { Logger } from "@ticktally/telemetry";

/** Longer than any batch takes while Redis is healthy. */
const SLOW_MS = 1_000;

/** A job and its result. */
export interface JobWork {
  /** Ingest logs the same id. */
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

/** One line per job, at `debug` unless something is unusual. */
export function logJob(logger: Logger, { quarantineReasons, ...work }: JobWork): void {
  const outcome = "applied";
  if (work.quarantined > 0) logger.warn({ outcome, ...work, quarantineReasons }, "webhooks quarantined");
  else if (work.durationMs > SLOW_MS) logger.info({ outcome, ...work }, "batch applied slowly");
  else logger.debug({ outcome, ...work }, "batch applied");
}
