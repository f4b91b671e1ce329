import type { InstanceId } from "@ticktally/core";
import { deadReply, storedDeadLetter, type StoredDeadLetter } from "@ticktally/schemas";
import type { RedisClient } from "../connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import { defineForwardScripts } from "./forward-scripts.ts";

export interface DeadLetter extends StoredDeadLetter {
  readonly id: string;
  /** Unix ms */
  readonly deadAtMs: number;
  readonly isReplayable: boolean;
}

const BODY_KEPT_MS = 24 * 3_600_000;
const HEAD_KEPT_MS = 7 * 24 * 3_600_000;
const AT_ONCE = 100;
/** Each may be as large as a webhook may be. */
const REPLAYED_AT_ONCE = 10;

/** Webhooks of a target that were given up. */
export class DeadLetters {
  readonly #redis: RedisClient;
  readonly #root: string;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#root = keys.forwarding;
    defineForwardScripts(redis);
  }

  /** The newest first. @param cursor id of the last of the page before */
  async list(
    target: string,
    limit: number,
    cursor?: string,
  ): Promise<{ readonly letters: readonly DeadLetter[]; readonly nextCursor: string | undefined }> {
    const rank = cursor === undefined ? -1 : await this.#redis.zrevrank(this.#key("dead", target), cursor).catch(storeError);
    const from = rank === null ? 0 : rank + 1;
    const found = await this.#redis
      .zrevrange(this.#key("dead", target), from, from + limit, "WITHSCORES")
      .catch(storeError);
    const ids = found.filter((_, place) => place % 2 === 0);
    const shown = ids.slice(0, limit);
    const letters = await Promise.all(shown.map(async (id, i) => this.#letter(target, id, Number(found[2 * i + 1]))));
    const nextCursor = ids.length > limit ? shown.at(-1) : undefined;
    return { letters: letters.filter((letter) => letter !== undefined), nextCursor };
  }

  /** @returns how many were there */
  async discard(target: string, ids: readonly string[]): Promise<number> {
    return (await this.#change("discard", target, ids, 0)).filter((answer) => answer !== "").length;
  }

  /** All ids, oldest first. */
  async ids(target: string): Promise<readonly string[]> {
    return this.#redis.zrange(this.#key("dead", target), "0", "-1").catch(storeError);
  }

  /** Put webhooks at the end of their lanes. @returns for each the instance whose lane it is in, or "" where it stays */
  async replay(target: string, ids: readonly string[], laneBytesMax: number): Promise<readonly InstanceId[]> {
    const answers: string[] = [];
    for (let from = 0; from < ids.length; from += REPLAYED_AT_ONCE)
      answers.push(...(await this.#change("replay", target, ids.slice(from, from + REPLAYED_AT_ONCE), laneBytesMax)));
    return answers;
  }

  /** Forget the bytes of those that are a day old, and all of those that are a week old. @param nowMs Unix ms */
  async expire(target: string, nowMs: number): Promise<void> {
    const older = async (keptMs: number) =>
      this.#redis.zrangebyscore(this.#key("dead", target), 0, nowMs - keptMs, "LIMIT", 0, 10 * AT_ONCE).catch(storeError);
    await this.#change("discard", target, await older(HEAD_KEPT_MS), 0);
    await this.#change("expire", target, await older(BODY_KEPT_MS), 0);
  }

  async #letter(target: string, id: string, deadAtMs: number): Promise<DeadLetter | undefined> {
    const [head, isReplayable] = await Promise.all([
      this.#redis.hget(this.#key("dead-heads", target), id),
      this.#redis.hexists(this.#key("dead-bodies", target), id),
    ]).catch(storeError);
    if (head === null) return undefined;
    return { ...storedDeadLetter.parse(JSON.parse(head)), id, deadAtMs, isReplayable: isReplayable === 1 };
  }

  async #change(action: string, target: string, ids: readonly string[], laneMax: number): Promise<readonly string[]> {
    const answers: string[] = [];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      const reply = await this.#redis.changeDead(this.#root, action, target, laneMax, 0, ...some).catch(storeError);
      answers.push(...deadReply.parse(reply));
    }
    return answers;
  }

  #key(what: string, target: string): string {
    return `${this.#root}${what}:${target}`;
  }
}
