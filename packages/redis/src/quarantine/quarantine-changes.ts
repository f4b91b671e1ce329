import type { QuarantineReason } from "@ticktally/core";
import { countAnswer, fieldsAnswer, textAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/** A stored entry, and the fields to find it by. */
export interface StoredEntry {
  readonly id: string;
  readonly receivedAtMs: number;
  readonly reason: QuarantineReason;
  /** "" for none. */
  readonly instance: string;
  readonly text: string;
}

/** How many entries are removed in one call. Redis is blocked for a few milliseconds. */
const REMOVED_AT_ONCE = 500;
const LAST = String(REMOVED_AT_ONCE - 1);
/** The entries to remove are chosen from this many instances, and this many of the oldest entries of each. */
const INSTANCES_LOOKED_AT = 100;
const ENTRIES_LOOKED_AT = 10;

/** Limits of what is kept. */
export interface QuarantineBounds {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

interface Aged {
  readonly id: string;
  readonly bytes: number;
}

/** Adds and removes entries, together with their indexes and sizes. */
export class QuarantineChanges {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Existing entries stay as they are. */
  async add(entries: readonly StoredEntry[]): Promise<void> {
    const byId = [...new Map(entries.map((entry) => [entry.id, entry])).values()];
    if (byId.length === 0) return;
    const { quarantine, quarantineOrder, quarantineTags, quarantineShares, quarantineBytes, quarantineOwn } =
      this.#keys;
    const reads: KeyCommand[] = [["HMGET", quarantineTags, ...byId.map(({ id }) => id)]];
    await changeKeys(this.#redis, quarantine, reads, ([answer]) => {
      const tags = fieldsAnswer.parse(answer);
      const added = byId.filter((_, i) => tags[i] === undefined);
      const commands = added.flatMap(({ id, receivedAtMs, reason, instance, text }): KeyCommand[] => {
        const bytes = Buffer.byteLength(text);
        return [
          ["HSET", quarantineTags, id, `${String(bytes)} ${reason} ${instance}`],
          ["HSET", quarantine, id, text],
          ["ZADD", quarantineOrder, receivedAtMs, id],
          ["ZADD", quarantineOwn + instance, receivedAtMs, id],
          ["ZINCRBY", quarantineShares, bytes, instance],
          ["INCRBY", quarantineBytes, bytes],
        ];
      });
      return { commands, outcome: undefined };
    });
  }

  /** @returns how many of them existed */
  async remove(ids: readonly string[]): Promise<number> {
    let removed = 0;
    for (let from = 0; from < ids.length; from += REMOVED_AT_ONCE)
      removed += await this.#remove([...new Set(ids.slice(from, from + REMOVED_AT_ONCE))]);
    return removed;
  }

  /** Remove the oldest entries of an instance until it is within its limits. @returns how many were removed */
  async boundOne(instance: string, bounds: QuarantineBounds): Promise<number> {
    const own = this.#keys.quarantineOwn + instance;
    const sizes: Sizes = [
      ["ZCARD", own],
      ["ZSCORE", this.#keys.quarantineShares, instance],
    ];
    return this.#bound(sizes, bounds, async (excess) => {
      const gone: string[] = [];
      for (const { id, bytes } of await this.#aged(await this.#redis.zrange(own, "0", LAST).catch(storeError))) {
        gone.push(id);
        excess = lessened(excess, bytes);
        if (!isAny(excess)) break;
      }
      return gone;
    });
  }

  /**
   * Remove the oldest entry of the largest instance until all together are within their limits. So an instance below its share loses
   * nothing to another.
   * @returns how many were removed
   */
  async boundAll(bounds: QuarantineBounds): Promise<number> {
    const { quarantine, quarantineBytes, quarantineShares } = this.#keys;
    const sizes: Sizes = [
      ["HLEN", quarantine],
      ["GET", quarantineBytes],
    ];
    return this.#bound(sizes, bounds, async (excess) => {
      const largest = this.#redis.zrange(quarantineShares, `-${String(INSTANCES_LOOKED_AT)}`, "-1", "WITHSCORES");
      return this.#chosen(excess, await largest.catch(storeError));
    });
  }

  /** @param sizes reads how many entries and bytes there are @param choose picks the entries to remove @returns how many were removed */
  async #bound(
    sizes: Sizes,
    { entriesMax, bytesMax }: QuarantineBounds,
    choose: (excess: Excess) => Promise<readonly string[]>,
  ): Promise<number> {
    let dropped = 0;
    for (;;) {
      const found = sizesIn(await readKeys(this.#redis, this.#keys.quarantine, sizes));
      const excess = { entries: found.entries - entriesMax, bytes: found.bytes - bytesMax };
      if (!isAny(excess)) return dropped;
      const gone = (await choose(excess)).slice(0, REMOVED_AT_ONCE);
      if (gone.length === 0) return dropped;
      dropped += await this.#remove(
        gone,
        sizes,
        ({ entries, bytes }) => entries === found.entries && bytes === found.bytes,
      );
    }
  }

  /** @param largest the largest instances, each followed by its bytes */
  async #chosen(excess: Excess, largest: readonly string[]): Promise<readonly string[]> {
    const { quarantine, quarantineOrder, quarantineOwn } = this.#keys;
    const shares = largest.flatMap((instance, i) =>
      i % 2 === 0 ? [{ key: quarantineOwn + instance, bytes: Number(largest[i + 1]), entries: [] as Aged[] }] : [],
    );
    // Entries of version 0.1 belong to no instance.
    if (shares.length === 0) shares.push({ key: quarantineOrder, bytes: 0, entries: [] });
    const oldest = await readKeys(
      this.#redis,
      quarantine,
      shares.map(({ key }): KeyCommand => ["ZRANGE", key, 0, ENTRIES_LOOKED_AT - 1]),
    );
    const ids = oldest.map((answer) => valuesAnswer.parse(answer).map(String));
    const aged = await this.#aged(ids.flat());
    let next = 0;
    for (const [i, share] of shares.entries()) {
      share.entries = aged.slice(next, next + (ids[i]?.length ?? 0));
      next += share.entries.length;
    }
    // There may be others as large as the smallest of these.
    const least = shares.length < INSTANCES_LOOKED_AT ? -Infinity : (shares[0]?.bytes ?? 0);
    const gone: string[] = [];
    while (isAny(excess)) {
      const most = shares.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      const first = most.entries.shift();
      if (first === undefined || (gone.length > 0 && most.bytes < least)) break;
      gone.push(first.id);
      excess = lessened(excess, first.bytes);
      most.bytes -= first.bytes;
    }
    return gone;
  }

  async #aged(ids: readonly string[]): Promise<readonly Aged[]> {
    if (ids.length === 0) return [];
    const { quarantine, quarantineTags } = this.#keys;
    const [answer] = await readKeys(this.#redis, quarantine, [["HMGET", quarantineTags, ...ids]]);
    const tags = fieldsAnswer.parse(answer);
    return ids.map((id, i) => ({ id, bytes: tagOf(tags[i]).bytes }));
  }

  /** Remove entries if the sizes are still as they were when these were chosen. @returns how many of them existed */
  async #remove(
    ids: readonly string[],
    sizes: Sizes = [],
    isAsChosen: (found: { entries: number; bytes: number }) => boolean = () => true,
  ): Promise<number> {
    if (ids.length === 0) return 0;
    const { quarantine, quarantineOrder, quarantineTags, quarantineShares, quarantineBytes, quarantineOwn } =
      this.#keys;
    const reads: KeyCommand[] = [
      ["HMGET", quarantineTags, ...ids],
      ...ids.map((id): KeyCommand => ["HEXISTS", quarantine, id]),
      ...sizes,
    ];
    return changeKeys(this.#redis, quarantine, reads, ([answer, ...rest]) => {
      if (!isAsChosen(sizesIn(rest.slice(ids.length)))) return { commands: [], outcome: 0 };
      const tags = fieldsAnswer.parse(answer);
      const commands = tags.flatMap((tag, i): KeyCommand[] => {
        const [id = "", { bytes, instance }] = [ids[i], tagOf(tag)];
        if (tag === undefined) return [];
        return [
          ["ZREM", quarantineOwn + instance, id],
          ["ZINCRBY", quarantineShares, -bytes, instance],
          ["INCRBY", quarantineBytes, -bytes],
        ];
      });
      commands.push(["ZREMRANGEBYSCORE", quarantineShares, "-inf", 0]);
      commands.push(["HDEL", quarantineTags, ...ids]);
      commands.push(["ZREM", quarantineOrder, ...ids], ["HDEL", quarantine, ...ids]);
      return { commands, outcome: rest.slice(0, ids.length).filter((is) => is === 1).length };
    });
  }
}

/** By how much the limit is exceeded. */
interface Excess {
  readonly entries: number;
  readonly bytes: number;
}

function isAny({ entries, bytes }: Excess): boolean {
  return entries > 0 || bytes > 0;
}

function lessened({ entries, bytes }: Excess, byBytes: number): Excess {
  return { entries: entries - 1, bytes: bytes - byBytes };
}

/** Reads how many entries there are, and how many bytes. */
type Sizes = readonly KeyCommand[];

function sizesIn([entries = 0, bytes = false]: readonly PackedAnswer[]) {
  return { entries: countAnswer.parse(entries), bytes: Number(textAnswer.parse(bytes) ?? 0) };
}

/** Entries written by version 0.1 have no tag. */
function tagOf(tag: Buffer | undefined): { readonly bytes: number; readonly instance: string } {
  const [, bytes = "0", instance = ""] = /^(\d+) \S+ (.*)$/s.exec(tag?.toString() ?? "") ?? [];
  return { bytes: Number(bytes), instance };
}
