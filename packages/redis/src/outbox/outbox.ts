import { setTimeout as delay } from "node:timers/promises";
import type { InstanceId, Transition } from "@ticktally/core";
import { outboxReply } from "@ticktally/schemas";
import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "../connection/connection.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { transitionsOf } from "./outbox-pieces.ts";
import { ALL_INSTANCES, WANTED_KNOWN_MS } from "./wanted-instances.ts";

/** Beyond so many instances all are wanted: workers read the list every second. */
const WANTED_MAX = 2_000;
/** A commit that was decided before the wish was known is done by then. */
const IN_FORCE_MS = WANTED_KNOWN_MS + 250;

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
 * What became of messages, for those who want to be told: a stream in Redis for each instance, which commits add to, in the same step as
 * they store the messages, and only while somebody wants it. It is trimmed by age and number, so it never holds more than some 16 MB.
 */
export class Outbox {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  /** Resolves when all wishes of this process are in force. */
  #inForce: Promise<unknown> = Promise.resolve();

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /**
   * Have commits add to outboxes for so long from now on; repeat it before that ends. A wish for longer is not shortened.
   * Resolves when it is in force: all that is committed from then on is added. (Where another process wished it first, that takes
   * another second.) @throws {StoreUnavailableError}
   */
  async want(instances: readonly InstanceId[] | "all", seconds: number): Promise<void> {
    const key = this.#keys.outboxesWanted;
    const now = Math.floor((await this.now()) / 1000);
    await this.#redis.zremrangebyscore(key, "-inf", now).catch(storeError);
    const asked = instances === "all" ? [ALL_INSTANCES] : instances;
    const [known, all] = await Promise.all([
      asked.length === 0 ? [] : this.#redis.zmscore(key, ...asked),
      this.#redis.zscore(key, ALL_INSTANCES),
    ]).catch(storeError);
    const added = known.filter((score) => score === null).length;
    const isTooMany = added > 0 && added + (await this.#redis.zcard(key).catch(storeError)) > WANTED_MAX;
    const wanted = isTooMany ? [ALL_INSTANCES] : asked;
    if (wanted.length === 0) return;
    await this.#redis.zadd(key, "GT", ...wanted.flatMap((instance) => [now + seconds, instance])).catch(storeError);
    if (added > 0 && all === null) this.#inForce = delay(IN_FORCE_MS);
    await this.#inForce;
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
