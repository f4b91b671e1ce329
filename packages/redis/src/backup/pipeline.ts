import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { queueState, UsedQueues, usedShards, type QueueState } from "../queue/used-queues.ts";

const ignored = () => undefined;

/** What happens between ingest and the counts while an export or import runs. */
export class Pipeline {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #used: UsedQueues;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    // A command-line tool is not restarted: its next command fails.
    this.#used = new UsedQueues(redis, keys, { onError: ignored, onUnusable: ignored });
  }

  /** Batches that were accepted and are not counted yet. */
  async waiting(): Promise<number> {
    return (await this.#states()).reduce((sum, { state }) => sum + state.undone, 0);
  }

  /** Worker processes that are connected to this Redis. */
  async workers(): Promise<number> {
    // Every worker listens on shard 0, whether it has jobs or not.
    const shards = new Set([0, ...(await this.#used.shards())]);
    const counts = await Promise.all([...shards].map(async (shard) => this.#used.queue(shard).getWorkersCount())).catch(
      storeError,
    );
    return Math.max(...counts);
  }

  /** Changes whenever a worker has taken or finished a batch. */
  async progress(): Promise<string> {
    const states = await this.#states();
    return states
      .map(
        ({ shard, state: { added, active, undone } }) => `${String(shard)}:${String(active)}/${String(added - undone)}`,
      )
      .join(" ");
  }

  async #states(): Promise<readonly { readonly shard: number; readonly state: QueueState }[]> {
    const shards = await usedShards(this.#redis, this.#keys);
    return Promise.all(
      shards.map(async (shard) => ({ shard, state: await queueState(this.#redis, this.#keys, shard) })),
    );
  }
}
