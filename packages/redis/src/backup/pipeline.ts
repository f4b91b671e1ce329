import { Queue } from "bullmq";
import type { RedisClient } from "../connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import { QUEUE_NAME, shardNumbers } from "../webhook-queue.ts";

/** What goes on between ingest and the counts while somebody exports or imports. */
export class Pipeline {
  readonly #redis: RedisClient;
  readonly #queues: readonly { readonly queue: Queue; readonly prefix: string }[];

  constructor(redis: RedisClient, keys: Keys, shards: number) {
    this.#redis = redis;
    this.#queues = shardNumbers(shards).map((shard) => {
      const prefix = keys.queuePrefix(shard);
      // `skipMetasUpdate`: to look at a queue must write nothing.
      const queue = new Queue(QUEUE_NAME, { connection: redis, prefix, skipMetasUpdate: true });
      queue.on("error", () => undefined);
      return { queue, prefix: `${prefix}:${QUEUE_NAME}:` };
    });
  }

  /** Batches that were accepted and are not counted yet. */
  async waiting(): Promise<number> {
    const counts = await Promise.all(this.#queues.map(async ({ queue }) => queue.getJobCounts(...UNDONE))).catch(
      storeError,
    );
    return counts.flatMap((count) => Object.values(count)).reduce((sum, count) => sum + count, 0);
  }

  /** Worker processes that are connected to this Redis. */
  async workers(): Promise<number> {
    const counts = await Promise.all(this.#queues.map(async ({ queue }) => queue.getWorkersCount())).catch(storeError);
    return Math.max(...counts);
  }

  /** Changes whenever a worker has taken or finished a batch. */
  async progress(): Promise<string> {
    const states = await Promise.all(
      this.#queues.map(async ({ queue, prefix }) => {
        const [{ active = 0, ...others }, made] = await Promise.all([
          queue.getJobCounts(...UNDONE),
          this.#redis.get(`${prefix}id`),
        ]);
        const undone = Object.values(others).reduce((sum, count) => sum + count, active);
        return `${String(active)}/${String(Number(made ?? 0) - undone)}`;
      }),
    ).catch(storeError);
    return states.join(" ");
  }
}

const UNDONE = ["waiting", "active", "delayed", "prioritized", "failed"] as const;
