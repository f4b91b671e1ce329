import type { QueueReader, QueueStatus } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { QueueReceipts } from "./queue-receipts.ts";
import { defineScripts } from "../scripts.ts";
import { queueKey, usedShards } from "./used-queues.ts";
import { storeError } from "../connection/store-error.ts";

/** How full the queues are, over all that were ever used. */
export class BullQueueReader implements QueueReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineScripts(redis);
  }

  async status(): Promise<QueueStatus> {
    const shards = await usedShards(this.#redis, this.#keys);
    const statuses = await Promise.all(shards.map(async (shard) => this.#statusOf(shard)));
    const total = (state: "waiting" | "active" | "delayed" | "failed") =>
      statuses.reduce((sum, status) => sum + status[state], 0);
    return {
      waiting: total("waiting"),
      active: total("active"),
      delayed: total("delayed"),
      failed: total("failed"),
      ...oldestOf(statuses.map(({ oldestReceivedAtMs }) => oldestReceivedAtMs)),
    };
  }

  /** Jobs that no worker has taken yet, by shard. @throws {StoreUnavailableError} */
  async waiting(): Promise<ReadonlyMap<number, number>> {
    const shards = await usedShards(this.#redis, this.#keys);
    const waiting = shards.map(
      async (shard) => [shard, await this.#redis.llen(queueKey(this.#keys, shard, "wait"))] as const,
    );
    return new Map(await Promise.all(waiting).catch(storeError));
  }

  async #statusOf(shard: number): Promise<QueueStatus> {
    return new QueueReceipts(this.#redis, this.#keys, shard).status();
  }
}

function oldestOf(receipts: readonly (number | undefined)[]): Pick<QueueStatus, "oldestReceivedAtMs"> {
  const known = receipts.filter((receipt) => receipt !== undefined);
  return known.length === 0 ? {} : { oldestReceivedAtMs: Math.min(...known) };
}
