import type { InstanceId } from "@ticktally/core";
import type { RedisClient } from "../connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import { defineForwardScripts } from "./forward-scripts.ts";
import type { Attempt } from "./lane-reader.ts";

/** What a target has done, and what it has still to do. */
export interface TargetOverview {
  readonly depth: number;
  /** Receipt of what waits longest, Unix ms. */
  readonly oldestAtMs: number | undefined;
  /** The HTTP status, or the word that says why there was none. */
  readonly lastStatus: string | undefined;
  /** Unix ms */
  readonly lastSuccessAtMs: number | undefined;
  readonly dead: number;
  /** Since the target was created, all of these. */
  readonly delivered: number;
  readonly dropped: number;
  /** Webhooks that were refused because a lane was full. */
  readonly refused: number;
  readonly deadEver: number;
}

const DELETED_AT_ONCE = 100;

/** What is told of targets, and how what they have is deleted. */
export class TargetOverviews {
  readonly #redis: RedisClient;
  readonly #root: string;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#root = keys.forwarding;
    defineForwardScripts(redis);
  }

  /** @param id of a target */
  async overview(id: string): Promise<TargetOverview> {
    const [stats, oldest, dead] = await Promise.all([
      this.#redis.hgetall(`${this.#root}stats:${id}`),
      this.#redis.zrange(`${this.#root}lanes:${id}`, "0", "0", "WITHSCORES"),
      this.#redis.zcard(`${this.#root}dead:${id}`),
    ]).catch(storeError);
    const number = (name: string) => Number(stats[name] ?? 0);
    return {
      depth: number("depth"),
      oldestAtMs: oldest[1] === undefined ? undefined : Number(oldest[1]),
      lastStatus: stats["lastStatus"],
      lastSuccessAtMs: stats["lastSuccessAtMs"] === undefined ? undefined : Number(stats["lastSuccessAtMs"]),
      dead,
      delivered: number("delivered"),
      dropped: number("dropped"),
      refused: number("refused"),
      deadEver: number("dead"),
    };
  }

  /** The last ones, newest first. */
  async attempts(id: string): Promise<readonly Attempt[]> {
    const stored = await this.#redis.lrange(`${this.#root}attempts:${id}`, 0, -1).catch(storeError);
    return stored.map((text) => JSON.parse(text) as Attempt);
  }

  /** Bytes of everything that waits or is given up. */
  async bytes(): Promise<number> {
    return Number((await this.#redis.get(`${this.#root}bytes`).catch(storeError)) ?? 0);
  }

  /** Throw away what waits for a target from an instance. */
  async dropLane(target: string, instance: InstanceId): Promise<void> {
    await this.#redis.dropLane(this.#root, target, instance).catch(storeError);
  }

  /** Throw away everything of a target that was removed. Repeat it after an error. */
  async dropTarget(id: string): Promise<void> {
    const of = (what: string) => `${this.#root}${what}:${id}`;
    for (;;) {
      const instances = await this.#redis.zrange(of("lanes"), "0", String(DELETED_AT_ONCE - 1)).catch(storeError);
      if (instances.length === 0) break;
      for (const instance of instances) await this.dropLane(id, instance);
    }
    for (;;) {
      const dead = await this.#redis.zrange(of("dead"), "0", String(DELETED_AT_ONCE - 1)).catch(storeError);
      if (dead.length === 0) break;
      await this.#redis.changeDead(this.#root, "discard", id, 0, 0, ...dead).catch(storeError);
    }
    const left = ["lanes", "lane-bytes", "tries", "stats", "attempts", "dead", "dead-heads", "dead-bodies"];
    await this.#redis.unlink(...left.map(of)).catch(storeError);
  }
}
