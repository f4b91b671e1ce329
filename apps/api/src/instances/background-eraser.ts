import { TicktallyError, type InstanceEraser } from "@ticktally/core";
import type { Logger } from "@ticktally/telemetry";

const EVERY_MS = 60_000;

/** Deletes what forgotten instances and labels left: at the start, when asked, and every minute in case another process forgot some. */
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

  /** There may be something to erase. Asked while it runs, it looks again afterwards. */
  wake(): void {
    this.#isWanted = true;
    if (!this.#isRunning) void this.#run();
  }

  /** What is not erased yet is left to the next process. */
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
      if (keys > 0) this.#logger.info({ keys }, "erased what deleted instances left");
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      // That Redis is away is reported by its connection; here it only means later.
      const isOutage = error instanceof TicktallyError && error.retryable;
      if (!this.#isStopped)
        this.#logger[isOutage ? "debug" : "error"]({ reason }, "erasing is tried again in a minute");
    }
  }
}
