import type { QuarantineReason } from "@ticktally/core";
import { quarantineEntry, type QuarantineEntry } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { QuarantineChanges, type QuarantineBounds, type StoredEntry } from "./quarantine-changes.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";

interface QuarantineFilter {
  readonly reason?: QuarantineReason;
  readonly instance?: string;
}

interface QuarantinePage {
  readonly entries: readonly QuarantineEntry[];
  /** The id after which the next page begins; `undefined` after the last. */
  readonly nextCursor?: string;
}

/** Shortens an entry's text to at most this many bytes of valid JSON. */
type Shorten = (entry: QuarantineEntry, bytesMax: number) => string;

/** The size of one instance in the quarantine. */
export interface QuarantineShare {
  /** "" for entries that name none. */
  readonly instance: string;
  readonly entries: number;
  readonly bytes: number;
}

const OWN_SHARE = 4;
const UNBOUNDED: QuarantineBounds = { entriesMax: Number.MAX_SAFE_INTEGER, bytesMax: Number.MAX_SAFE_INTEGER };

const TEXT_BYTES_MAX = 4_096;
const DETAIL_CHARS_MAX = 500;
const IDS_AT_ONCE = 500;
/** At most about 10 kB each. */
const ENTRIES_AT_ONCE = 50;
/**
 * Webhooks that could not be understood: kept until they are replayed or discarded, or until newer ones of the same instance push them out.
 */
export class RedisQuarantine {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #shorten: Shorten;
  readonly #changes: QuarantineChanges;

  constructor(redis: RedisClient, keys: Keys, shorten: Shorten) {
    this.#shorten = shorten;
    this.#redis = redis;
    this.#keys = keys;
    this.#changes = new QuarantineChanges(redis, keys);
    defineScripts(redis);
  }

  /**
   * Adding the same entry again changes nothing. Long texts are cut.
   * @returns how many old entries were removed to make room
   * @throws {StoreUnavailableError} part of it may be written: repeat the call
   */
  async put(entries: readonly QuarantineEntry[], bounds: QuarantineBounds = UNBOUNDED): Promise<number> {
    let dropped = 0;
    for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE) {
      const some = entries.slice(from, from + ENTRIES_AT_ONCE);
      await this.#changes.add(some.map((entry) => this.#storedEntry(entry)));
      for (const instance of new Set(some.map(({ instance = "" }) => instance)))
        dropped += await this.#changes.boundOne(instance, ownBounds(bounds));
      dropped += await this.#changes.boundAll(bounds);
    }
    return dropped;
  }

  async size(): Promise<number> {
    return this.#redis.hlen(this.#keys.quarantine).catch(storeError);
  }

  /** Bytes of all entries, as the limits count them. */
  async bytes(): Promise<number> {
    return Number((await this.#redis.get(this.#keys.quarantineBytes).catch(storeError)) ?? 0);
  }

  /** @param max how many instances at most @returns the instances with most bytes, largest first */
  async largestShares(max: number): Promise<readonly QuarantineShare[]> {
    const { quarantineShares, quarantineOwn } = this.#keys;
    const stored = await this.#redis.zrevrange(quarantineShares, 0, max - 1, "WITHSCORES").catch(storeError);
    const shares = stored.flatMap((instance, i) => (i % 2 === 0 ? [{ instance, bytes: Number(stored[i + 1]) }] : []));
    return Promise.all(
      shares.map(async ({ instance, bytes }) => {
        const entries = await this.#redis.zcard(quarantineOwn + instance).catch(storeError);
        return { instance, entries, bytes };
      }),
    );
  }

  /**
   * The newest entries first. Reads only what it returns.
   * @param cursor of the previous page; if that entry has been removed since, the page begins where it was
   */
  async list(filter: QuarantineFilter, limit: number, cursor?: string): Promise<QuarantinePage> {
    await this.#adopt();
    const order = this.#orderOf(filter);
    const idsMax = filter.reason === undefined ? Math.min(limit, IDS_AT_ONCE) : IDS_AT_ONCE;
    const entries: QuarantineEntry[] = [];
    let rank = cursor === undefined ? 0 : await this.#rankAfter(order, cursor);
    for (;;) {
      const ids = await this.#redis.zrevrange(order, rank, rank + idsMax - 1).catch(storeError);
      const fitting = await this.#fitting(ids, filter);
      for (const entry of await this.entries(fitting.slice(0, limit - entries.length))) entries.push(entry);
      const last = entries.at(-1);
      if (last !== undefined && entries.length === limit)
        return { entries, nextCursor: `${String(last.receivedAtMs)}_${last.id}` };
      if (ids.length < idsMax) return { entries };
      // Some matching entries may be removed meanwhile, and others not read yet.
      rank += ids.length;
    }
  }

  /** The ids of all entries that match now. */
  async ids(filter: QuarantineFilter): Promise<readonly string[]> {
    await this.#adopt();
    const found = new Set<string>();
    for await (const ids of this.#slices(this.#orderOf(filter)))
      for (const id of await this.#fitting(ids, filter)) found.add(id);
    return [...found];
  }

  /** The ids of entries of an instance or of no instance that contain one of these texts. */
  async mentioning(instance: string, texts: readonly string[]): Promise<readonly string[]> {
    const all = [...(await this.ids({ instance })), ...(await this.ids({ instance: "" }))];
    const found: string[] = [];
    for (let from = 0; from < all.length; from += ENTRIES_AT_ONCE) {
      for (const entry of await this.entries(all.slice(from, from + ENTRIES_AT_ONCE)))
        if (texts.some((text) => entry.text.includes(text))) found.push(entry.id);
    }
    return found;
  }

  /** The entries that exist, in order. */
  async entries(ids: readonly string[]): Promise<readonly QuarantineEntry[]> {
    const entries: QuarantineEntry[] = [];
    for (let from = 0; from < ids.length; from += ENTRIES_AT_ONCE) {
      const some = ids.slice(from, from + ENTRIES_AT_ONCE);
      for (const stored of await this.#redis.hmget(this.#keys.quarantine, ...some).catch(storeError))
        if (stored !== null) entries.push(quarantineEntry.parse(JSON.parse(stored)));
    }
    return entries;
  }

  /** @returns how many of them existed */
  async remove(ids: readonly string[]): Promise<number> {
    return this.#changes.remove(ids);
  }

  /** Entries of version 0.1 have no index by instance and reason, and may be long: they are added again, one at a time. */
  async #adopt(): Promise<void> {
    const [entries, known] = await Promise.all([
      this.size(),
      this.#redis.hlen(this.#keys.quarantineTags).catch(storeError),
    ]);
    if (entries <= known) return;
    for await (const ids of this.#slices(this.#keys.quarantineOrder)) {
      const tags = await this.#redis.hmget(this.#keys.quarantineTags, ...ids).catch(storeError);
      for (const [i, id] of ids.entries()) if (tags[i] === null) await this.put(await this.entries([id]));
    }
  }

  /** All ids, oldest first, some at a time. Entries may be removed meanwhile: none of the others is missed, and some may come twice. */
  async *#slices(order: string): AsyncGenerator<readonly string[]> {
    for (let rank = 0; ;) {
      const till = rank + IDS_AT_ONCE - 1;
      const scored = await this.#redis.zrange(order, String(rank), String(till), "WITHSCORES").catch(storeError);
      const ids = scored.filter((_, i) => i % 2 === 0);
      yield ids;
      const [last, at] = scored.slice(-2);
      if (ids.length < IDS_AT_ONCE || last === undefined || at === undefined) return;
      const lastRank = await this.#redis.zrank(order, last).catch(storeError);
      rank = lastRank === null ? await this.#redis.zcount(order, "-inf", `(${at}`).catch(storeError) : lastRank + 1;
    }
  }

  async #fitting(ids: readonly string[], { reason }: QuarantineFilter): Promise<readonly string[]> {
    if (reason === undefined || ids.length === 0) return ids;
    const tags = await this.#redis.hmget(this.#keys.quarantineTags, ...ids).catch(storeError);
    return ids.filter((_, i) => tags[i]?.split(" ")[1] === reason);
  }

  async #rankAfter(order: string, cursor: string): Promise<number> {
    const [, at = "0", id = ""] = /^(\d+)_(.*)$/.exec(cursor) ?? [];
    const rank = await this.#redis.zrevrank(order, id).catch(storeError);
    if (rank !== null) return rank + 1;
    return this.#redis.zcount(order, `(${at}`, "+inf").catch(storeError);
  }

  /** Ids by receipt: of all, or of one instance ("" for entries that name none). */
  #orderOf({ instance }: QuarantineFilter): string {
    return instance === undefined ? this.#keys.quarantineOrder : this.#keys.quarantineOwn + instance;
  }

  #storedEntry(entry: QuarantineEntry): StoredEntry {
    const [text, detail] = [this.#shorten(entry, TEXT_BYTES_MAX), entry.detail.slice(0, DETAIL_CHARS_MAX)];
    const { id, receivedAtMs, reason, instance = "" } = entry;
    return { id, receivedAtMs, reason, instance, text: JSON.stringify({ ...entry, detail, text }) };
  }
}

/** The limit of one instance, and of all entries that name none. */
export function ownBounds({ entriesMax, bytesMax }: QuarantineBounds): QuarantineBounds {
  const share = (all: number) => Math.max(1, Math.floor(all / OWN_SHARE));
  return { entriesMax: share(entriesMax), bytesMax: share(bytesMax) };
}
