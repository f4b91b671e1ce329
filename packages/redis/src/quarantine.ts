import type { QuarantineEntry } from "@ticktally/schemas";
import { quarantineEntry } from "@ticktally/schemas";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

/** Webhooks that nobody could understand: kept, listed, counted. */
export class RedisQuarantine {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Putting the same entry again changes nothing. @throws {StoreUnavailableError} nothing is known to be written */
  async put(entries: readonly QuarantineEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const change = this.#redis.multi();
    for (const entry of entries) {
      change.hsetnx(this.#keys.quarantine, entry.id, JSON.stringify(entry));
      change.zadd(this.#keys.quarantineOrder, "NX", entry.receivedAtMs, entry.id);
    }
    const replies = await change.exec().catch(storeError);
    for (const [error] of replies ?? []) if (error) storeError(error);
  }

  async size(): Promise<number> {
    return this.#redis.hlen(this.#keys.quarantine).catch(storeError);
  }

  /** The newest entries first. */
  async list(limit: number): Promise<readonly QuarantineEntry[]> {
    const ids = await this.#redis.zrevrange(this.#keys.quarantineOrder, 0, limit - 1).catch(storeError);
    if (ids.length === 0) return [];
    const entries = await this.#redis.hmget(this.#keys.quarantine, ...ids).catch(storeError);
    return entries.flatMap((entry) => (entry === null ? [] : [quarantineEntry.parse(JSON.parse(entry))]));
  }
}
