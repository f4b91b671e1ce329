import type { PutBackJob } from "@ticktally/redis";
import { StoreUnavailableError } from "@ticktally/core";
import type { Logger } from "@ticktally/telemetry";

export interface FailedJobRoundsOptions {
  readonly failedJobs: { putBack(now: number): Promise<readonly PutBackJob[]> };
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

const EVERY_MS = 2_000;
const IDS_LOGGED = 10;

/** Puts jobs that BullMQ gave up on back into the queue, every few seconds from the start. */
export class FailedJobRounds {
  readonly #options: FailedJobRoundsOptions;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: FailedJobRoundsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { failedJobs, logger, now } = this.#options;
    try {
      const jobs = await failedJobs.putBack(now());
      const [first] = jobs;
      if (first === undefined) return;
      const jobIds = jobs.slice(0, IDS_LOGGED).map(({ id }) => id);
      logger.warn({ jobs: jobs.length, jobIds, reason: first.reason }, "jobs that BullMQ gave up on are put back");
    } catch (error) {
      // Redis is unreachable, which is reported elsewhere; the next round is soon enough.
      if (!(error instanceof StoreUnavailableError)) logger.error({ error }, "failed jobs cannot be put back");
    } finally {
      this.#isLooking = false;
    }
  }
}
