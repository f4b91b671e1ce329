import type { InstanceId } from "@ticktally/core";
import type { Result } from "ioredis";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { script } from "./scripts.ts";
import { storeError } from "./store-error.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    holdLease(...args: (string | number)[]): Result<unknown, Context>;
  }
}

/** Says which process pulls an instance's notifications: one at a time. A lease ends by itself. */
export class RedisPullLease {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #holder: string;

  /** @param holder unlike that of any other process */
  constructor(redis: RedisClient, keys: Keys, holder: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#holder = holder;
    redis.defineCommand("holdLease", { numberOfKeys: 1, lua: script("hold-lease") });
  }

  /** Take it or keep it. @returns whether it is ours for so long from now @throws {StoreUnavailableError} */
  async hold(instance: InstanceId, ttlMs: number): Promise<boolean> {
    return (await this.#redis.holdLease(this.#keys.pullLease(instance), this.#holder, ttlMs).catch(storeError)) === 1;
  }

  /** Give it back, if it is ours. @throws {StoreUnavailableError} */
  async release(instance: InstanceId): Promise<void> {
    await this.#redis.holdLease(this.#keys.pullLease(instance), this.#holder, 0).catch(storeError);
  }
}
