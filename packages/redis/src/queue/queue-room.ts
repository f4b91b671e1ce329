import { QueueFullError } from "@ticktally/core";
import { infoReply } from "@ticktally/schemas";
import type { Result } from "ioredis";
import type { RedisClient } from "../connection/connection.ts";
import { infoFields } from "../connection/redis-nodes.ts";
import { storeError } from "../connection/store-error.ts";
import type { Keys } from "../keys.ts";
import { queueKey } from "./used-queues.ts";

/**
 * Nothing is queued while Redis uses more than this share of its `maxmemory`. The rest is for the workers: to take a job and to count it they
 * must write before its memory becomes free. A Redis that the queue could fill completely would stay full.
 */
const MEMORY_SHARE_MAX = 0.9;
/** How long a reading is trusted. At 25,000 webhooks a second the queue grows by about 2.5 MB meanwhile. */
const FRESH_MS = 250;

declare module "ioredis" {
  interface RedisCommander<Context> {
    memoryReport(key: string): Result<unknown, Context>;
  }
}

/** Whether the server that holds a shard's queue has memory left for more jobs. */
export class QueueRoom {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  /** By shard; monotonic, ms */
  readonly #foundAt = new Map<number, number>();

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    // As a script, because INFO has no key that would lead it to the right server of a cluster.
    const lua = "return redis.call('INFO', 'memory')";
    redis.defineCommand("memoryReport", { numberOfKeys: 1, lua, readOnly: true });
  }

  /** @throws {QueueFullError} there is none @throws {StoreUnavailableError} */
  async require(shard: number): Promise<void> {
    if (performance.now() - (this.#foundAt.get(shard) ?? -Infinity) < FRESH_MS) return;
    const report = await this.#redis.memoryReport(queueKey(this.#keys, shard, "wait")).catch(storeError);
    const fields = infoFields(infoReply.parse(report));
    const [used, max] = [Number(fields.get("used_memory")), Number(fields.get("maxmemory"))];
    if (max > 0 && used > MEMORY_SHARE_MAX * max) {
      throw new QueueFullError(
        `Redis uses ${String(used)} of ${String(max)} bytes; the rest is reserved for the workers`,
      );
    }
    this.#foundAt.set(shard, performance.now());
  }
}
