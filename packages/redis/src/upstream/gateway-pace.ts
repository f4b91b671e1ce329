import type { InstanceId } from "@ticktally/core";
import { setTimeout as delay } from "node:timers/promises";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/** The gateway's limit is one a second; requests that leave a second apart may arrive closer. */
const PACE_MS = 1_100;

/** Allows one request a second per instance, across all processes. */
export class GatewayPace {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Wait until a request is allowed. @throws {StoreUnavailableError} or the reason of `signal` */
  async turn(instance: InstanceId, signal: AbortSignal): Promise<void> {
    const key = this.#keys.gatewayPace(instance);
    for (;;) {
      signal.throwIfAborted();
      const taken = await this.#redis.set(key, "1", "PX", PACE_MS, "NX").catch(storeError);
      if (taken === "OK") return;
      const leftMs = await this.#redis.pttl(key).catch(storeError);
      await delay(Math.max(leftMs, 10), undefined, { signal });
    }
  }
}
