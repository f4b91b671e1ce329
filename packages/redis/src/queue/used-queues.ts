import { SHARDS_MAX } from "@ticktally/schemas";
import type { Queue } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { openQueue, type QueueTroubles } from "./open-queue.ts";
import { storeError } from "../connection/store-error.ts";

export const QUEUE_NAME = "webhooks";

/** A key of a shard's queue in BullMQ; without a part, the prefix of all of them. */
export function queueKey(
  keys: Keys,
  shard: number,
  part: "" | "id" | "wait" | "active" | "delayed" | "failed",
): string {
  return `${keys.queuePrefix(shard)}:${QUEUE_NAME}:${part}`;
}

/**
 * The shards whose queues ever had a job, independent of `QUEUE_SHARDS`: after it was lowered, jobs remain in higher shards, and a process
 * that still runs with the higher number adds more. BullMQ keeps a counter of jobs per queue, which is never deleted. Reading all 64 costs
 * Redis about 0.1 ms, and there is no list of queues that could be wrong.
 * @returns ascending
 * @throws {StoreUnavailableError}
 */
export async function usedShards(redis: RedisClient, keys: Keys): Promise<readonly number[]> {
  const shards = shardNumbers(SHARDS_MAX);
  // One command each, because a cluster keeps the queues on different nodes.
  const exists = shards.map(async (shard) => redis.exists(queueKey(keys, shard, "id")));
  const found = await Promise.all(exists).catch(storeError);
  return shards.filter((shard) => found[shard] === 1);
}

export interface QueueState {
  /** Jobs ever added. */
  readonly added: number;
  readonly active: number;
  /** Jobs that are not done, including active ones. */
  readonly undone: number;
}

/** @throws {StoreUnavailableError} */
export async function queueState(redis: RedisClient, keys: Keys, shard: number): Promise<QueueState> {
  const [added, waiting, active, delayed, failed] = await Promise.all([
    redis.get(queueKey(keys, shard, "id")),
    redis.llen(queueKey(keys, shard, "wait")),
    redis.llen(queueKey(keys, shard, "active")),
    redis.zcard(queueKey(keys, shard, "delayed")),
    redis.zcard(queueKey(keys, shard, "failed")),
  ]).catch(storeError);
  return { added: Number(added ?? 0), active, undone: waiting + active + delayed + failed };
}

/** BullMQ's queues of the used shards, for reading and for putting jobs back. The process that adds a job decides how it is kept. */
export class UsedQueues {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #troubles: QueueTroubles;
  readonly #queues = new Map<number, Queue>();

  constructor(redis: RedisClient, keys: Keys, { onError, onUnusable }: QueueTroubles) {
    this.#redis = redis;
    this.#keys = keys;
    this.#troubles = { onError, onUnusable };
  }

  /** @throws {StoreUnavailableError} */
  async shards(): Promise<readonly number[]> {
    return usedShards(this.#redis, this.#keys);
  }

  queue(shard: number): Queue {
    const known = this.#queues.get(shard);
    if (known !== undefined) return known;
    const settings = { prefix: this.#keys.queuePrefix(shard), skipMetasUpdate: true };
    const queue = openQueue(QUEUE_NAME, this.#redis, settings, this.#troubles);
    this.#queues.set(shard, queue);
    return queue;
  }
}

export function shardNumbers(shards: number): readonly number[] {
  return Array.from({ length: shards }, (_, shard) => shard);
}
