import { logThrottled, type Logger } from "@ticktally/telemetry";
import type { IngestOutcome } from "../ingest-metrics.ts";

/** A batch that takes longer is logged at any level; an fsync on a healthy disk takes a hundredth of that. */
const SLOW_MS = 1_000;
/** The request ids of one batch. */
const REQUEST_IDS_MAX = 20;

interface Waiter {
  readonly requestId: string | undefined;
}

/**
 * One line per batch, at `debug` unless it was slow; the worker's line about it has the same `jobId`. Refused batches are summed up in one
 * warning every ten seconds, because an outage refuses thousands of batches of one webhook.
 */
export class BatchLog {
  readonly #logger: Logger;
  readonly #refused: (error: Error, times: number) => void;

  constructor(logger: Logger, now: () => number) {
    this.#logger = logger;
    this.#refused = logThrottled(logger, "webhooks refused: the gateway will send them again", now);
  }

  /** Log how storing went. @param stored the job's id @throws what `stored` throws */
  async logged(shard: number, waiters: readonly Waiter[], stored: Promise<string>): Promise<void> {
    const startedAt = performance.now();
    const batch = () => ({
      shard,
      webhooks: waiters.length,
      durationMs: Math.round(performance.now() - startedAt),
      ...requestIds(waiters),
    });
    try {
      const jobId = await stored;
      const isSlow = performance.now() - startedAt > SLOW_MS;
      if (isSlow) this.#logger.info({ jobId, outcome: "stored", ...batch() }, "batch stored slowly");
      else if (this.#isDebugging()) this.#logger.debug({ jobId, outcome: "stored", ...batch() }, "batch stored");
    } catch (error) {
      const fault = error instanceof Error ? error : new Error("unknown");
      if (this.#isDebugging())
        this.#logger.debug({ outcome: "refused", reason: fault.message, ...batch() }, "batch refused");
      this.#refused(fault, waiters.length);
      throw error;
    }
  }

  /** A webhook that was not added to a batch. */
  webhookRefused(outcome: IngestOutcome, status: number, requestId: string | undefined): void {
    if (this.#isDebugging()) this.#logger.debug({ outcome, status, requestId }, "webhook refused");
  }

  #isDebugging(): boolean {
    return this.#logger.isLevelEnabled("debug");
  }
}

function requestIds(waiters: readonly Waiter[]): { readonly requestIds?: readonly string[] } {
  const ids = waiters.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId]));
  return ids.length === 0 ? {} : { requestIds: [...new Set(ids)].slice(0, REQUEST_IDS_MAX) };
}
