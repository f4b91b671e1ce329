import type { QueueReader } from "@ticktally/core";
import type { Logger, Readiness } from "@ticktally/telemetry";

export interface WatchdogOptions {
  readonly queue: QueueReader;
  readonly processor: { readonly inProgress: number; readonly taken: number };
  readonly logger: Logger;
  /** Ends the process, so that its supervisor starts it again. */
  readonly exit?: () => void;
}

const LOOK_EVERY_MS = 5_000;
const LOOKS_TILL_NOT_READY = 4;
const LOOKS_TILL_STUCK = 12;

/**
 * Detects a worker that takes no jobs although some wait: its blocking connection can hang forever after an outage or a failover while
 * everything else looks healthy (bullmq#4585 and similar). A restart fixes it.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #takenBefore = 0;
  #idleLooks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Combine the health of Redis with that of the worker. */
  judge(readiness: Readiness): Readiness {
    if (this.#idleLooks < LOOKS_TILL_NOT_READY) return readiness;
    return { ...readiness, ready: false, reasons: [...readiness.reasons, "jobs wait, but this worker takes none"] };
  }

  async look(): Promise<void> {
    const { queue, processor, logger, exit = () => process.exit(1) } = this.#options;
    const waiting = await queue.status().then(
      (status) => status.waiting,
      // Redis is unreachable: nothing can be taken, and that is not the worker's fault.
      () => 0,
    );
    const isIdle = waiting > 0 && processor.inProgress === 0 && processor.taken === this.#takenBefore;
    this.#takenBefore = processor.taken;
    this.#idleLooks = isIdle ? this.#idleLooks + 1 : 0;
    if (this.#idleLooks < LOOKS_TILL_STUCK) return;
    logger.fatal({ waiting }, "jobs are waiting, but this worker takes none: restarting");
    exit();
  }
}
