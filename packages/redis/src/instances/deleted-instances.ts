import type { InstanceId } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

export interface DeletedInstance {
  readonly id: InstanceId;
  /** Unix ms, by Redis's clock */
  readonly deletedAtMs: number;
}

/** Instances that were deleted recently. Some may have been registered again since. */
export class RedisDeletedInstances {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Instances deleted since then, oldest first. Older entries are removed from the list. @param sinceMs Unix ms */
  async since(sinceMs: number): Promise<readonly DeletedInstance[]> {
    const key = this.#keys.deletedInstances;
    await this.#redis.zremrangebyscore(key, "-inf", `(${String(sinceMs)}`).catch(storeError);
    const found = await this.#redis.zrange(key, "0", "-1", "WITHSCORES").catch(storeError);
    const deleted: DeletedInstance[] = [];
    for (let i = 0; i + 1 < found.length; i += 2)
      deleted.push({ id: found[i] ?? "", deletedAtMs: Number(found[i + 1]) });
    return deleted;
  }
}
