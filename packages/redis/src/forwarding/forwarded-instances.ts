import type { InstanceId } from "@ticktally/core";
import { storedDeadLetter } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { DeadLetters } from "./dead-letters.ts";
import { LaneKeys } from "./lane-keys.ts";
import { LaneReader } from "./lane-reader.ts";
import { TargetOverviews } from "./target-overview.ts";
import { RedisTargets } from "./target-store.ts";

const READ_AT_ONCE = 200;

/** What is kept about instances for targets. */
export class ForwardedInstances {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;
  readonly #targets: RedisTargets;
  readonly #reader: LaneReader;
  readonly #overviews: TargetOverviews;
  readonly #letters: DeadLetters;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = new LaneKeys(keys.forwarding);
    this.#targets = new RedisTargets(redis, keys);
    this.#reader = new LaneReader(redis, keys);
    this.#overviews = new TargetOverviews(redis, keys);
    this.#letters = new DeadLetters(redis, keys);
  }

  /** Discard what waits for instances, and their dead letters. Repeat it after an error. */
  async drop(deleted: readonly ReceivedBefore[]): Promise<void> {
    if (deleted.length === 0) return;
    for (const { id } of (await this.#targets.read()).targets) {
      for (const { instance, beforeMs } of deleted) {
        // The whole list at once, because it may be long; few later entries are older.
        if (beforeMs === Infinity) await this.#overviews.dropLane(id, instance);
        else await this.#reader.dropOlder({ target: id, instance }, beforeMs);
      }
      await this.#discard(id, new Map(deleted.map(({ instance, beforeMs }) => [instance, beforeMs])));
    }
  }

  async #discard(target: string, deleted: ReadonlyMap<InstanceId, number>): Promise<void> {
    const dead = await this.#letters.ids(target);
    for (let from = 0; from < dead.length; from += READ_AT_ONCE) {
      const some = dead.slice(from, from + READ_AT_ONCE);
      const heads = await this.#redis.hmget(this.#keys.deadHeads(target), ...some).catch(storeError);
      for (const [i, head] of heads.entries()) {
        if (head === null) continue;
        const { instance, receivedAtMs } = storedDeadLetter.parse(JSON.parse(head));
        if (receivedAtMs < (deleted.get(instance) ?? 0)) await this.#letters.discard(target, some[i] ?? "");
      }
    }
  }
}

/** An instance's entries received before a time, Unix ms. */
interface ReceivedBefore {
  readonly instance: InstanceId;
  readonly beforeMs: number;
}
