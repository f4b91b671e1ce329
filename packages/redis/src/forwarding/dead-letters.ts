import { randomBytes } from "node:crypto";
import type { InstanceId } from "@ticktally/core";
import { countAnswer, storedDeadLetter, textAnswer, valueAnswer, type StoredDeadLetter } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, type KeyChange, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";
import { LaneKeys } from "./lane-keys.ts";

export interface DeadLetter extends StoredDeadLetter {
  readonly id: string;
  /** Unix ms */
  readonly deadAtMs: number;
  readonly isReplayable: boolean;
}

const BODY_KEPT_MS = 24 * 3_600_000;
const HEAD_KEPT_MS = 7 * BODY_KEPT_MS;
const KEPT_MAX = 10_000;
const EXPIRED_AT_ONCE = 1_000;

/** Ordered by time, and within a millisecond by the order of one process. */
export function newDeadId(nowMs: number): string {
  idsMade = (idsMade + 1) % IDS_IN_TURN;
  const place = String(idsMade).padStart(PLACE_CHARS, "0");
  return `${String(nowMs)}-${place}${randomBytes(6).toString("base64url")}`;
}

const PLACE_CHARS = 6;
const IDS_IN_TURN = 10 ** PLACE_CHARS;
let idsMade = 0;

/** Unix ms */
function deadAtOf(id: string): number {
  return Number(id.slice(0, id.indexOf("-")));
}

/** Webhooks of a target that could not be delivered. */
export class DeadLetters {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = new LaneKeys(keys.forwarding);
    defineScripts(redis);
  }

  /** The newest first. @param cursor id of the last one on the previous page */
  async list(
    target: string,
    limit: number,
    cursor?: string,
  ): Promise<{ readonly letters: readonly DeadLetter[]; readonly nextCursor: string | undefined }> {
    const order = this.#keys.dead(target);
    const from = cursor === undefined ? 0 : await this.#newerOrSame(order, cursor);
    const found = await this.#redis.zrevrange(order, from, from + limit, "WITHSCORES").catch(storeError);
    const ids = found.filter((_, place) => place % 2 === 0);
    const shown = ids.slice(0, limit);
    const letters = await Promise.all(shown.map(async (id, i) => this.#letter(target, id, Number(found[2 * i + 1]))));
    const nextCursor = ids.length > limit ? shown.at(-1) : undefined;
    return { letters: letters.filter((letter) => letter !== undefined), nextCursor };
  }

  /** How many letters are at or before a place in the list. The letter with this id may be gone. */
  async #newerOrSame(order: string, id: string): Promise<number> {
    const atMs = deadAtOf(id);
    const [newer, same] = await Promise.all([
      this.#redis.zcount(order, `(${String(atMs)}`, "+inf"),
      this.#redis.zrangebyscore(order, atMs, atMs),
    ]).catch(storeError);
    return newer + same.filter((other) => other >= id).length;
  }

  /** All ids, oldest first. */
  async ids(target: string): Promise<readonly string[]> {
    return this.#redis.zrange(this.#keys.dead(target), "0", "-1").catch(storeError);
  }

  /** @returns whether it existed */
  async discard(target: string, id: string): Promise<boolean> {
    return this.#change(target, id, ({ known, body }) => ({
      commands: known === undefined ? [] : this.#removal(target, id, body),
      outcome: known !== undefined,
    }));
  }

  /** @returns how many there were */
  async discardAll(target: string): Promise<number> {
    const keys = this.#keys;
    const [dead, stats] = [keys.dead(target), keys.stats(target)];
    const reads: readonly KeyCommand[] = [
      ["ZCARD", dead],
      ["HGET", stats, "deadBytes"],
    ];
    return changeKeys(this.#redis, keys.root, reads, ([count, bytes]) => ({
      commands: [
        ...[dead, keys.deadHeads(target), keys.deadBodies(target)].map((key): KeyCommand => ["UNLINK", key]),
        ["HDEL", stats, "deadBytes"],
        ...keys.freed(target, Number(textAnswer.parse(bytes) ?? 0)),
      ],
      outcome: countAnswer.parse(count),
    }));
  }

  /**
   * Put a webhook at the end of its lane, as if it had just been received: it is tried for another day.
   * @returns the instance whose lane it is in; `undefined` if its bytes are gone, or the lane is full
   */
  async replay(target: string, id: string, laneBytesMax: number, nowMs: number): Promise<InstanceId | undefined> {
    return this.#change(target, id, ({ known, body, laneBytes }) => {
      if (known === undefined || body === undefined || laneBytes + body.length > laneBytesMax)
        return { commands: [], outcome: undefined };
      const entry = Buffer.concat([Buffer.from(String(nowMs)), body.subarray(body.indexOf(" "))]);
      const lane = { target, instance: known.instance };
      const kept = this.#keys.keep([{ ...lane, receivedAtMs: nowMs, entry }], []);
      const commands = [...this.#removal(target, id, body), ...kept];
      return { commands, outcome: known.instance };
    });
  }

  /** Delete the bytes of dead letters that are a day old, and dead letters that are a week old or too many. @param nowMs Unix ms */
  async expire(target: string, nowMs: number): Promise<void> {
    const order = this.#keys.dead(target);
    const older = async (keptMs: number) =>
      this.#redis.zrangebyscore(order, 0, nowMs - keptMs, "LIMIT", 0, EXPIRED_AT_ONCE).catch(storeError);
    const surplus = (await this.#redis.zcard(order).catch(storeError)) - KEPT_MAX;
    const tooMany = surplus > 0 ? await this.#redis.zrange(order, "0", String(surplus - 1)).catch(storeError) : [];
    for (const id of new Set([...(await older(HEAD_KEPT_MS)), ...tooMany])) await this.discard(target, id);
    await this.#expireBodies(target, nowMs - BODY_KEPT_MS);
  }

  /** Descriptions are kept for longer than bytes, so the bytes that exist are searched. @param beforeMs Unix ms */
  async #expireBodies(target: string, beforeMs: number): Promise<void> {
    const ids = await this.#redis.hkeys(this.#keys.deadBodies(target)).catch(storeError);
    for (const id of ids)
      if (deadAtOf(id) < beforeMs)
        await this.#change(target, id, ({ body }) => ({
          commands: this.#bodyRemoval(target, id, body),
          outcome: undefined,
        }));
  }

  async #letter(target: string, id: string, deadAtMs: number): Promise<DeadLetter | undefined> {
    const [head, isReplayable] = await Promise.all([
      this.#redis.hget(this.#keys.deadHeads(target), id),
      this.#redis.hexists(this.#keys.deadBodies(target), id),
    ]).catch(storeError);
    if (head === null) return undefined;
    return { ...storedDeadLetter.parse(JSON.parse(head)), id, deadAtMs, isReplayable: isReplayable === 1 };
  }

  async #change<Outcome>(target: string, id: string, decide: (letter: Letter) => KeyChange<Outcome>): Promise<Outcome> {
    const keys = this.#keys;
    const stored = await this.#redis.hget(keys.deadHeads(target), id).catch(storeError);
    const known = stored === null ? undefined : storedDeadLetter.parse(JSON.parse(stored));
    const reads: readonly KeyCommand[] = [
      ["HEXISTS", keys.deadHeads(target), id],
      ["HGET", keys.deadBodies(target), id],
      ["HGET", keys.laneBytes(target), known?.instance ?? ""],
    ];
    return changeKeys(this.#redis, keys.root, reads, ([exists, body, laneBytes]) =>
      decide({
        known: exists === 1 ? known : undefined,
        body: valueAnswer.parse(body),
        laneBytes: Number(textAnswer.parse(laneBytes) ?? 0),
      }),
    );
  }

  #removal(target: string, id: string, body: Buffer | undefined): readonly KeyCommand[] {
    return [
      ["ZREM", this.#keys.dead(target), id],
      ["HDEL", this.#keys.deadHeads(target), id],
      ...this.#bodyRemoval(target, id, body),
    ];
  }

  #bodyRemoval(target: string, id: string, body: Buffer | undefined): readonly KeyCommand[] {
    if (body === undefined) return [];
    return [
      ["HDEL", this.#keys.deadBodies(target), id],
      ["HINCRBY", this.#keys.stats(target), "deadBytes", -body.length],
      ...this.#keys.freed(target, body.length),
    ];
  }
}

interface Letter {
  /** `undefined` if it is gone. */
  readonly known: StoredDeadLetter | undefined;
  readonly body: Buffer | undefined;
  /** The instance of its lane. */
  readonly laneBytes: number;
}
