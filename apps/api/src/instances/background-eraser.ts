import { TicktallyError, type InstanceEraser } from "@ticktally/core";
import type { Logger } from "@ticktally/telemetry";

const EVERY_MS = 60_000;

/** Deletes the data of forgotten instances and labels: at the start, on request, and every minute in case another process forgot some. */
export class BackgroundEraser {
  readonly #eraser: Pick<InstanceEraser, "erase">;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isWanted = false;
  #isStopped = false;

  constructor(eraser: Pick<InstanceEraser, "erase">, logger: Logger) {
    this.#eraser = eraser;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), EVERY_MS);
    this.wake();
  }

  /** There may be something to erase. If it is already running, it runs once more afterwards. */
  wake(): void {
    this.#isWanted = true;
    if (!this.#isRunning) void this.#run();
  }

  /** The next process erases the rest. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      await this.#erase();
    }
    this.#isRunning = false;
  }

  async #erase(): Promise<void> {
    try {
      const keys = await this.#eraser.erase();
      if (keys > 0) this.#logger.info({ keys }, "erased the data of deleted instances");
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      // The connection reports an outage of Redis; here it only means to retry later.
      const isOutage = error instanceof TicktallyError && error.retryable;
      if (!this.#isStopped)
        this.#logger[isOutage ? "debug" : "error"]({ reason }, "erasing will be retried in a minute");
    }
  }
}
