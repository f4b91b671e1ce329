import { setTimeout as delay } from "node:timers/promises";
import type { InstanceId, Transition } from "@ticktally/core";
import { outboxReply } from "@ticktally/schemas";
import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { defineScripts, OUTBOX_ENTRIES_MAX } from "../scripts.ts";
import { transitionsOf } from "./outbox-pieces.ts";
import { ALL_INSTANCES } from "./wanted-instances.ts";
import { decideWish, readsOfWish } from "./wish.ts";

/** One entry: what a commit, or a piece of it, did to an instance's messages. */
export interface OutboxEntry {
  readonly instance: InstanceId;
  /** Unix ms by Redis's clock, and a number within it: together the entry's id. */
  readonly ms: number;
  readonly sequence: number;
  /** Empty if something was counted but no status changed. */
  readonly transitions: readonly Transition[];
  readonly bytes: number;
}

/** Where to continue in an instance's outbox: after the entry with this id. */
export interface OutboxCursor {
  readonly instance: InstanceId;
  readonly after: string;
}

/**
 * Transitions of messages for listeners: one stream in Redis per instance. Commits add to it in the same step as they store the messages,
 * and only while a client wants it. It is trimmed by age and number, so it never holds more than about 16 MB.
 */
export class Outbox {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineScripts(redis);
  }

  /**
   * Have commits add to outboxes for this long from now on; repeat it before it ends. A longer request is not shortened. Resolves when it
   * is in force.
   * @returns the time since which everything committed is in all of these outboxes, Unix ms by Redis's clock
   * @throws {StoreUnavailableError}
   */
  async want(instances: readonly InstanceId[] | "all", seconds: number): Promise<number> {
    const asked = instances === "all" ? [ALL_INSTANCES] : instances;
    if (asked.length === 0) return 0;
    const now = await this.now();
    const wish = { asked, untilSeconds: Math.floor(now / 1000) + seconds, now };
    const { outboxesWanted: wanted, outboxesWantedSince: since } = this.#keys;
    const reads = readsOfWish(wanted, since, wish);
    const begun = await changeKeys(this.#redis, wanted, reads, (answers) => decideWish(wanted, since, wish, answers));
    if (begun > now) await delay(begun - now);
    return begun;
  }

  /** Until when commits add to an instance's outbox, Unix seconds; 0 if they do not. @throws {StoreUnavailableError} */
  async wantedUntil(instance: InstanceId): Promise<number> {
    const scores = await this.#redis.zmscore(this.#keys.outboxesWanted, instance, ALL_INSTANCES).catch(storeError);
    const until = Math.max(...scores.map(Number));
    return until * 1000 > (await this.now()) ? until : 0;
  }

  /** Unix ms by Redis's clock; in a cluster by the clock that is most behind: later additions have a later id. */
  async now(): Promise<number> {
    const servers: readonly Redis[] = this.#redis instanceof Cluster ? this.#redis.nodes("master") : [this.#redis];
    const times = await Promise.all(servers.map(async (server) => server.time())).catch(storeError);
    return Math.min(...times.map(([seconds, micros]) => Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)));
  }

  /**
   * The next entries after each cursor, up to a number per instance.
   * @param cursors at least one, at most a few hundred
   * @throws {StoreUnavailableError}
   */
  async read(cursors: readonly OutboxCursor[], entriesMax: number): Promise<readonly OutboxEntry[]> {
    // In a cluster the keys of a call must lie in one slot.
    const calls = this.#redis.isCluster ? cursors.map((cursor) => [cursor]) : [cursors];
    const replies = await Promise.all(calls.map(async (call) => this.#read(call, entriesMax)));
    return replies.flat();
  }

  /** Which outboxes lost entries after these ids to trimming. May include ones trimmed earlier, if nothing was added since. */
  async trimmed(cursors: readonly OutboxCursor[]): Promise<readonly InstanceId[]> {
    const lengths = await Promise.all(cursors.map(async ({ instance }) => this.#redis.xlen(this.#key(instance)))).catch(
      storeError,
    );
    // Trimming to a number keeps at least that many, and trimming by age keeps everything a reader may still request.
    const long = cursors.filter((_, i) => (lengths[i] ?? 0) >= OUTBOX_ENTRIES_MAX);
    const firsts = await Promise.all(
      long.map(async ({ instance }) => this.#redis.xrange(this.#key(instance), "-", "+", "COUNT", 1)),
    ).catch(storeError);
    return long.flatMap(({ instance, after }, i) => {
      const [first] = firsts[i]?.[0] ?? [];
      return first !== undefined && isAfter(first, after) ? [instance] : [];
    });
  }

  async #read(cursors: readonly OutboxCursor[], entriesMax: number): Promise<readonly OutboxEntry[]> {
    const byKey = new Map(cursors.map(({ instance }) => [this.#key(instance), instance]));
    const ids = cursors.map(({ after }) => after);
    const reply = await this.#redis.xread("COUNT", entriesMax, "STREAMS", ...byKey.keys(), ...ids).catch(storeError);
    return outboxReply.parse(reply).flatMap(([key, entries]) =>
      entries.map(([id, [, piece]]) => {
        const [ms = 0, sequence = 0] = id.split("-").map(Number);
        const transitions = transitionsOf(piece);
        return { instance: byKey.get(key) ?? "", ms, sequence, transitions, bytes: piece.length };
      }),
    );
  }

  #key(instance: InstanceId): string {
    return this.#keys.instance(instance) + INSTANCE_KEYS.OUTBOX;
  }
}

/** @param a id of an entry @param b the same, or its milliseconds alone */
function isAfter(a: string, b: string): boolean {
  const [[ms = 0, sequence = 0], [otherMs = 0, otherSequence = 0]] = [a, b].map((id) => id.split("-").map(Number)) as [
    number[],
    number[],
  ];
  return ms !== otherMs ? ms > otherMs : sequence > otherSequence;
}
