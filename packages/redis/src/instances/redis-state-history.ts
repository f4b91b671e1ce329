import type { InstanceId, InstanceState, StateHistoryReader } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { readState, unpackState } from "./state-reports.ts";

/** What gateways reported of their accounts' states. */
export class RedisStateHistory implements StateHistoryReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async stateReports(instance: InstanceId): Promise<readonly InstanceState[]> {
    return unpackState(await readState(this.#redis, this.#keys, instance));
  }
}
