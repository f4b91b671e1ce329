import type { BullQueueReader } from "@ticktally/redis";
import type { Logger, Readiness } from "@ticktally/telemetry";
import type { JobProcessor } from "./job-processor.ts";

export interface WatchdogOptions {
  readonly queue: Pick<BullQueueReader, "waiting">;
  readonly processor: Pick<JobProcessor, "ofShard">;
  readonly logger: Logger;
  /** Ends the process, so that its supervisor starts it again. */
  readonly exit?: () => void;
}

/** A shard when it was last looked at. */
interface Seen {
  readonly taken: number;
  /** Consecutive looks at which jobs waited and it had taken none. */
  readonly idleLooks: number;
}

const LOOK_EVERY_MS = 5_000;
const LOOKS_TILL_NOT_READY = 4;
const LOOKS_TILL_STUCK = 12;

/**
 * Detects a worker that takes no jobs of a shard although some wait there: its blocking connection, one per shard, can hang forever after an
 * outage or a failover while everything else looks healthy (bullmq#4585 and similar). A restart fixes it.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #seen: ReadonlyMap<number, Seen> = new Map();
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
    if (![...this.#seen.values()].some(({ idleLooks }) => idleLooks >= LOOKS_TILL_NOT_READY)) return readiness;
    return { ...readiness, ready: false, reasons: [...readiness.reasons, "jobs wait, but this worker takes none"] };
  }

  async look(): Promise<void> {
    const { queue, processor, logger, exit = () => process.exit(1) } = this.#options;
    // If Redis is unreachable nothing can be taken, and that is not the worker's fault.
    const waitingJobs = await queue.waiting().catch(() => new Map<number, number>());
    const before = this.#seen;
    const seen = new Map<number, Seen>();
    this.#seen = seen;
    for (const [shard, waiting] of waitingJobs) {
      const { inProgress, taken } = processor.ofShard(shard);
      const last = before.get(shard) ?? { taken: 0, idleLooks: 0 };
      const isIdle = waiting > 0 && inProgress === 0 && taken === last.taken;
      const idleLooks = isIdle ? last.idleLooks + 1 : 0;
      seen.set(shard, { taken, idleLooks });
      if (idleLooks < LOOKS_TILL_STUCK) continue;
      logger.fatal({ shard, waiting }, "jobs are waiting, but this worker takes none: restarting");
      exit();
      return;
    }
  }
}
