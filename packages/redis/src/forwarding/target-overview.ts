import type { InstanceId } from "@ticktally/core";
import { countAnswer, textAnswer, valuesAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";
import { LaneKeys } from "./lane-keys.ts";
import type { Attempt } from "./lane-reader.ts";

/** What a target has received, and what still waits for it. */
export interface TargetOverview {
  readonly depth: number;
  /** Receipt of the oldest waiting webhook, Unix ms. */
  readonly oldestAtMs: number | undefined;
  /** The HTTP status, or a word for why there was none. */
  readonly lastStatus: string | undefined;
  /** Unix ms */
  readonly lastSuccessAtMs: number | undefined;
  readonly dead: number;
  /** All counted since the target was created. */
  readonly delivered: number;
  readonly dropped: number;
  /** Webhooks whose senders were refused because a lane was full. */
  readonly refused: number;
  readonly deadEver: number;
}

const DELETED_AT_ONCE = 100;

/** What REST shows about targets, and the deletion of their data. */
export class TargetOverviews {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = new LaneKeys(keys.forwarding);
    defineScripts(redis);
  }

  /** @param id of a target */
  async overview(id: string): Promise<TargetOverview> {
    const [stats, oldest, dead] = await Promise.all([
      this.#redis.hgetall(this.#keys.stats(id)),
      this.#redis.zrange(this.#keys.lanesOf(id), "0", "0", "WITHSCORES"),
      this.#redis.zcard(this.#keys.dead(id)),
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

  /** The last attempts, newest first. */
  async attempts(id: string): Promise<readonly Attempt[]> {
    const stored = await this.#redis.lrange(this.#keys.attempts(id), 0, -1).catch(storeError);
    return stored.map((text) => JSON.parse(text) as Attempt);
  }

  /** Bytes of everything that waits or is a dead letter. */
  async bytes(): Promise<number> {
    return Number((await this.#redis.get(this.#keys.bytes).catch(storeError)) ?? 0);
  }

  /** Correct how many bytes are kept for a target: older versions did not count them for each target. */
  async correctBytes(id: string): Promise<void> {
    const stats = this.#keys.stats(id);
    const reads: readonly KeyCommand[] = [
      ["HGETALL", this.#keys.laneBytes(id)],
      ["HGET", stats, "deadBytes"],
      ["HGET", stats, "bytes"],
    ];
    await changeKeys(this.#redis, this.#keys.root, reads, ([lanes, dead, bytes]) => {
      const waiting = valuesAnswer.parse(lanes).reduce((sum, one, i) => (i % 2 === 0 ? sum : sum + Number(one)), 0);
      const all = waiting + Number(textAnswer.parse(dead) ?? 0);
      const isCorrect = all === Number(textAnswer.parse(bytes) ?? 0);
      return { commands: isCorrect ? [] : [["HSET", stats, "bytes", all]], outcome: undefined };
    });
  }

  /** Discard what waits for a target from one instance. Redis frees a long list in the background. */
  async dropLane(target: string, instance: InstanceId): Promise<void> {
    const keys = this.#keys;
    const [lane, ofLane] = [keys.lane({ target, instance }), keys.laneBytes(target)];
    await changeKeys(
      this.#redis,
      keys.root,
      [
        ["LLEN", lane],
        ["HGET", ofLane, instance],
      ],
      ([length, bytes]) => {
        const depth = countAnswer.parse(length);
        return {
          commands: [
            ["UNLINK", lane],
            // A request in progress is interrupted.
            ["DEL", keys.lease({ target, instance })],
            ["ZREM", keys.lanesOf(target), instance],
            ["HDEL", ofLane, instance],
            ["HDEL", keys.tries(target), instance],
            ["HINCRBY", keys.stats(target), "depth", -depth],
            ...keys.freed(target, Number(textAnswer.parse(bytes) ?? 0)),
          ],
          outcome: undefined,
        };
      },
    );
  }

  /** Delete everything of a removed target. Repeat it after an error. */
  async dropTarget(id: string): Promise<void> {
    const keys = this.#keys;
    for (;;) {
      const lanes = await this.#redis.zrange(keys.lanesOf(id), "0", String(DELETED_AT_ONCE - 1)).catch(storeError);
      if (lanes.length === 0) break;
      for (const instance of lanes) await this.dropLane(id, instance);
    }
    const [stats, bodies] = [keys.stats(id), keys.deadBodies(id)];
    await changeKeys(this.#redis, keys.root, [["HGET", stats, "deadBytes"]], ([bytes]) => ({
      commands: [
        ["HDEL", stats, "deadBytes"],
        ["UNLINK", bodies],
        ...keys.freed(id, Number(textAnswer.parse(bytes) ?? 0)),
      ],
      outcome: undefined,
    }));
    await this.#redis.unlink(...keys.ofTarget(id)).catch(storeError);
  }
}
