import type { InstanceId } from "@ticktally/core";
import { textAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";

/** Decides which process pulls an instance's notifications: one at a time. A lease expires by itself. */
export class RedisPullLease {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #holder: string;

  /** @param holder unique to this process */
  constructor(redis: RedisClient, keys: Keys, holder: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#holder = holder;
    defineScripts(redis);
  }

  /** Take the lease or extend it. @returns whether it is ours from now on for its full length @throws {StoreUnavailableError} */
  async hold(instance: InstanceId, ttlMs: number): Promise<boolean> {
    return this.#unlessOthers(instance, (lease) => ["SET", lease, this.#holder, "PX", ttlMs]);
  }

  /** Release it, if it is ours. @throws {StoreUnavailableError} */
  async release(instance: InstanceId): Promise<void> {
    await this.#unlessOthers(instance, (lease) => ["DEL", lease]);
  }

  async #unlessOthers(instance: InstanceId, command: (lease: string) => KeyCommand): Promise<boolean> {
    const lease = this.#keys.pullLease(instance);
    return changeKeys(this.#redis, lease, [["GET", lease]], ([stored]) => {
      const holder = textAnswer.parse(stored);
      const isOthers = holder !== undefined && holder !== this.#holder;
      return { commands: isOthers ? [] : [command(lease)], outcome: !isOthers };
    });
  }
}
