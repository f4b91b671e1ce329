import { quarantineEntry, type QuarantineEntry, type QuarantineReason } from "@ticktally/schemas";
import type { Result } from "ioredis";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { script } from "./scripts.ts";
import { storeError } from "./store-error.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    trimQuarantine(...args: (string | number)[]): Result<unknown, Context>;
  }
}

interface QuarantineFilter {
  readonly reason?: QuarantineReason;
  readonly instance?: string;
}

interface QuarantinePage {
  readonly entries: readonly QuarantineEntry[];
  /** The id after which the next page begins; `undefined` after the last. */
  readonly nextCursor?: string;
}

const READ_AT_ONCE = 500;

/** Webhooks that nobody could understand: kept until somebody replays or discards them. */
export class RedisQuarantine {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    redis.defineCommand("trimQuarantine", { numberOfKeys: 2, lua: script("trim-quarantine") });
  }

  /**
   * Putting the same entry again changes nothing.
   * @param entriesMax of the whole quarantine; beyond it the oldest go
   * @returns how many had to go
   * @throws {StoreUnavailableError} nothing is known to be written
   */
  async put(entries: readonly QuarantineEntry[], entriesMax: number): Promise<number> {
    if (entries.length === 0) return 0;
    const change = this.#redis.multi();
    for (const entry of entries) {
      change.hsetnx(this.#keys.quarantine, entry.id, JSON.stringify(entry));
      change.zadd(this.#keys.quarantineOrder, "NX", entry.receivedAtMs, entry.id);
    }
    const replies = await change.exec().catch(storeError);
    for (const [error] of replies ?? []) if (error) storeError(error);
    return Number(
      await this.#redis.trimQuarantine(this.#keys.quarantine, this.#keys.quarantineOrder, entriesMax).catch(storeError),
    );
  }

  async size(): Promise<number> {
    return this.#redis.hlen(this.#keys.quarantine).catch(storeError);
  }

  /** The newest entries first. @param cursor of the page before; if that entry is gone since, the page begins where it was */
  async list(filter: QuarantineFilter, limit: number, cursor?: string): Promise<QuarantinePage> {
    const entries: QuarantineEntry[] = [];
    let rank = cursor === undefined ? 0 : await this.#rankAfter(cursor);
    for (;;) {
      const ids = await this.#redis
        .zrevrange(this.#keys.quarantineOrder, rank, rank + READ_AT_ONCE - 1)
        .catch(storeError);
      for (const entry of await this.entries(ids)) {
        if (fits(entry, filter)) entries.push(entry);
        if (entries.length === limit) return { entries, nextCursor: `${String(entry.receivedAtMs)}_${entry.id}` };
      }
      if (ids.length < READ_AT_ONCE) return { entries };
      rank += ids.length;
    }
  }

  /** The ids of all entries that fit, as they are now. */
  async ids(filter: QuarantineFilter): Promise<readonly string[]> {
    const all = await this.#redis.zrange(this.#keys.quarantineOrder, "0", "-1").catch(storeError);
    if (filter.reason === undefined && filter.instance === undefined) return all;
    const fitting: string[] = [];
    for (let from = 0; from < all.length; from += READ_AT_ONCE) {
      const entries = await this.entries(all.slice(from, from + READ_AT_ONCE));
      fitting.push(...entries.filter((entry) => fits(entry, filter)).map(({ id }) => id));
    }
    return fitting;
  }

  /** The ids of an instance's entries, and of those of no instance, that hold one of these texts. */
  async mentioning(instance: string, texts: readonly string[]): Promise<readonly string[]> {
    const all = await this.ids({});
    const found: string[] = [];
    for (let from = 0; from < all.length; from += READ_AT_ONCE) {
      for (const entry of await this.entries(all.slice(from, from + READ_AT_ONCE))) {
        const isOwn = (entry.instance ?? instance) === instance;
        if (isOwn && texts.some((text) => entry.text.includes(text))) found.push(entry.id);
      }
    }
    return found;
  }

  /** Those of the entries that are there, in order. */
  async entries(ids: readonly string[]): Promise<readonly QuarantineEntry[]> {
    if (ids.length === 0) return [];
    const entries = await this.#redis.hmget(this.#keys.quarantine, ...ids).catch(storeError);
    return entries.flatMap((entry) => (entry === null ? [] : [quarantineEntry.parse(JSON.parse(entry))]));
  }

  /** @returns how many of them were there */
  async remove(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const removed = await this.#redis.hdel(this.#keys.quarantine, ...ids).catch(storeError);
    await this.#redis.zrem(this.#keys.quarantineOrder, ...ids).catch(storeError);
    return removed;
  }

  async #rankAfter(cursor: string): Promise<number> {
    const [, at = "0", id = ""] = /^(\d+)_(.*)$/.exec(cursor) ?? [];
    const rank = await this.#redis.zrevrank(this.#keys.quarantineOrder, id).catch(storeError);
    if (rank !== null) return rank + 1;
    return this.#redis.zcount(this.#keys.quarantineOrder, `(${at}`, "+inf").catch(storeError);
  }
}

function fits(entry: QuarantineEntry, { reason, instance }: QuarantineFilter): boolean {
  return (reason ?? entry.reason) === entry.reason && (instance ?? entry.instance) === entry.instance;
}
