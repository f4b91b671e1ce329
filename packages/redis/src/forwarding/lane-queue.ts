import { StoreUnavailableError } from "@ticktally/core";
import { DelayedError, Worker, type Queue } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { openQueue, type QueueTroubles } from "../queue/open-queue.ts";
import { storeError } from "../connection/store-error.ts";
import { NEVER_DROPPED, type Consumer } from "../queue/webhook-consumer.ts";
import { laneName, type Lane } from "./lane-keys.ts";

const QUEUE_NAME = "lanes";

interface Options extends QueueTroubles {
  readonly keys: Keys;
}

/**
 * Announces which lanes have something to send: at most one job per lane, which contains only the lane's name. A job that is added while
 * the lane's job runs is kept until that ends (`keepLastIfActive`). Otherwise an entry that arrives just as the lane is found empty would
 * wait for the next one.
 */
export class LaneQueue {
  readonly #redis: RedisClient;
  readonly #queue: Queue;

  constructor(redis: RedisClient, { keys, ...troubles }: Options) {
    this.#redis = redis;
    const settings = {
      prefix: keys.forwardQueuePrefix,
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: {
        removeOnComplete: true,
        removeOnFail: true,
        // A job only throws during an outage of Redis.
        attempts: 1_000_000,
        backoff: { type: "fixed", delay: 1_000 },
      },
    };
    this.#queue = openQueue(QUEUE_NAME, redis, settings, troubles);
  }

  /** @throws {StoreUnavailableError} */
  async wake(lanes: readonly Lane[]): Promise<void> {
    if (this.#redis.status !== "ready")
      throw new StoreUnavailableError(`the connection to Redis is ${this.#redis.status}`);
    for (let from = 0; from < lanes.length; from += ADDED_AT_ONCE) {
      const jobs = lanes.slice(from, from + ADDED_AT_ONCE).map((lane) => ({
        name: "lane",
        data: { target: lane.target, instance: lane.instance },
        opts: { deduplication: { id: laneName(lane), keepLastIfActive: true } },
      }));
      await this.#queue.addBulk(jobs).catch(storeError);
    }
  }

  /** Try lanes that wait after a failure again at once. @returns how many waited */
  async hurry(lanes: readonly Lane[]): Promise<number> {
    let hurried = 0;
    for (const lane of lanes) {
      const id = await this.#queue.getDeduplicationJobId(laneName(lane)).catch(storeError);
      const job = id === null ? undefined : await this.#queue.getJob(id).catch(storeError);
      if (job === undefined || !(await job.isDelayed().catch(storeError))) continue;
      // It may have begun meanwhile.
      hurried += await job.promote().then(
        () => 1,
        () => 0,
      );
    }
    return hurried;
  }
}

const ADDED_AT_ONCE = 500;

interface ConsumerOptions extends Omit<Options, "onUnusable"> {
  /** Lanes at once. */
  readonly concurrency: number;
  /** @returns milliseconds until the lane is due again; `undefined`: when it is woken */
  readonly process: (lane: Lane) => Promise<number | undefined>;
  /** Unix ms */
  readonly now: () => number;
}

/** The consuming end. */
export function consumeLanes(redis: RedisClient, options: ConsumerOptions): Consumer {
  const { keys, onError, concurrency, process, now } = options;
  const worker = new Worker<Lane>(
    QUEUE_NAME,
    async (job, token) => {
      const waitMs = await process({ target: job.data.target, instance: job.data.instance });
      if (waitMs === undefined) return;
      await job.moveToDelayed(now() + waitMs, token);
      throw new DelayedError();
    },
    { connection: redis, prefix: keys.forwardQueuePrefix, concurrency, ...NEVER_DROPPED },
  );
  worker.on("error", onError);
  return { close: async () => worker.close() };
}
