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
  /** Empty where something was counted, but no status changed. */
  readonly transitions: readonly Transition[];
  readonly bytes: number;
}

/** Where to go on in an instance's outbox: after the entry with this id. */
export interface OutboxCursor {
  readonly instance: InstanceId;
  readonly after: string;
}

/**
 * What became of messages, for those who want to know: a stream in Redis for each instance, which commits add to, in the same step as
 * they store the messages, and only while a client wants it. It is trimmed by age and number, so it never holds more than some 16 MB.
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
   * Have commits add to outboxes for so long from now on; repeat it before that ends. A wish for longer is not shortened.
   * Resolves when it is in force.
   * @returns since when all that is committed is added to all of these outboxes, Unix ms by Redis's clock @throws {StoreUnavailableError}
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

  /** Until when an instance's outbox is added to, Unix seconds; 0 if it is not. @throws {StoreUnavailableError} */
  async wantedUntil(instance: InstanceId): Promise<number> {
    const scores = await this.#redis.zmscore(this.#keys.outboxesWanted, instance, ALL_INSTANCES).catch(storeError);
    const until = Math.max(...scores.map(Number));
    return until * 1000 > (await this.now()) ? until : 0;
  }

  /** Unix ms by Redis's clock; of a cluster's clocks the one that is behind: what is added later has a later id. */
  async now(): Promise<number> {
    const servers: readonly Redis[] = this.#redis instanceof Cluster ? this.#redis.nodes("master") : [this.#redis];
    const times = await Promise.all(servers.map(async (server) => server.time())).catch(storeError);
    return Math.min(...times.map(([seconds, micros]) => Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)));
  }

  /**
   * The next entries after each cursor, at most so many an instance.
   * @param cursors at least one; some hundred at most
   * @throws {StoreUnavailableError}
   */
  async read(cursors: readonly OutboxCursor[], entriesMax: number): Promise<readonly OutboxEntry[]> {
    // In a cluster the keys of a call must lie in one slot.
    const calls = this.#redis.isCluster ? cursors.map((cursor) => [cursor]) : [cursors];
    const replies = await Promise.all(calls.map(async (call) => this.#read(call, entriesMax)));
    return replies.flat();
  }

  /** Of which outboxes entries after these ids were trimmed. They may also have been trimmed before, if nothing was added since. */
  async trimmed(cursors: readonly OutboxCursor[]): Promise<readonly InstanceId[]> {
    const lengths = await Promise.all(cursors.map(async ({ instance }) => this.#redis.xlen(this.#key(instance)))).catch(
      storeError,
    );
    // Trimming to a number leaves at least so many, and trimming by age leaves all that a reader may still ask for.
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
