import type { InstanceId } from "@ticktally/core";
import { reconciliation, type Reconciliation } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { hashSlices } from "../connection/hash-slices.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/** The result of each instance's last reconciliation, and when the next is due. */
export class RedisReconciliationStore {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async last(instance: InstanceId): Promise<Reconciliation | undefined> {
    const stored = await this.#redis.hget(this.#keys.reconciliations, instance).catch(storeError);
    return stored === null ? undefined : parsed(stored);
  }

  async all(): Promise<ReadonlyMap<InstanceId, Reconciliation>> {
    const all = new Map<InstanceId, Reconciliation>();
    for await (const slice of hashSlices(this.#redis, this.#keys.reconciliations))
      for (const [id, text] of slice) all.set(id, parsed(text));
    return all;
  }

  async put(instance: InstanceId, run: Reconciliation): Promise<void> {
    await this.#redis.hset(this.#keys.reconciliations, instance, JSON.stringify(run)).catch(storeError);
  }
}

function parsed(text: string): Reconciliation {
  return reconciliation.parse(JSON.parse(text));
}
