import type { InstanceId } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { DeadLetters } from "./dead-letters.ts";
import { LaneKeys } from "./lane-keys.ts";
import { TargetOverviews } from "./target-overview.ts";
import { RedisTargets } from "./target-store.ts";

const READ_AT_ONCE = 200;

/** What is kept of instances for targets. */
export class ForwardedInstances {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;
  readonly #targets: RedisTargets;
  readonly #overviews: TargetOverviews;
  readonly #letters: DeadLetters;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = new LaneKeys(keys.forwarding);
    this.#targets = new RedisTargets(redis, keys);
    this.#overviews = new TargetOverviews(redis, keys);
    this.#letters = new DeadLetters(redis, keys);
  }

  /** Throw away what waits of an instance, and what of it was given up. Repeat it after an error. */
  async drop(instance: InstanceId): Promise<void> {
    for (const { id } of (await this.#targets.read()).targets) {
      await this.#overviews.dropLane(id, instance);
      const dead = await this.#letters.ids(id);
      for (let from = 0; from < dead.length; from += READ_AT_ONCE) {
        const some = dead.slice(from, from + READ_AT_ONCE);
        const heads = await this.#redis.hmget(this.#keys.deadHeads(id), ...some).catch(storeError);
        for (const [i, head] of heads.entries())
          if (head?.includes(JSON.stringify(instance)) === true) await this.#letters.discard(id, some[i] ?? "");
      }
    }
  }
}
