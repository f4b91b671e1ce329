import type { InstanceId, Upstream, UpstreamStore } from "@ticktally/core";
import { storedUpstream } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { hashSlices } from "../connection/hash-slices.ts";
import { changeKeys } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";

/** Where to reach instances at their gateways. The tokens are stored in clear, because they have to be sent there. */
export class RedisUpstreamStore implements UpstreamStore {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineScripts(redis);
  }

  async upstreams(instances?: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Upstream>> {
    const slices = instances === undefined ? hashSlices(this.#redis, this.#keys.upstreams) : [this.#some(instances)];
    const all = new Map<InstanceId, Upstream>();
    for await (const slice of slices)
      for (const [id, upstream] of slice) all.set(id, storedUpstream.parse(JSON.parse(upstream)));
    return all;
  }

  async upstream(instance: InstanceId): Promise<Upstream | undefined> {
    const stored = await this.#redis.hget(this.#keys.upstreams, instance).catch(storeError);
    return stored === null ? undefined : storedUpstream.parse(JSON.parse(stored));
  }

  async setUpstream(instance: InstanceId, upstream: Upstream | undefined): Promise<void> {
    if (upstream === undefined) await this.#forget(instance);
    else await this.#redis.hset(this.#keys.upstreams, instance, JSON.stringify(upstream)).catch(storeError);
  }

  /** Forget the upstream of an instance that is not registered; one that is registered meanwhile keeps it. */
  async forgetUnregistered(instance: InstanceId): Promise<void> {
    const { instanceNames, upstreams, reconciliations } = this.#keys;
    await changeKeys(this.#redis, instanceNames, [["HGET", instanceNames, instance]], ([name]) => ({
      commands: name === false ? [upstreams, reconciliations].map((key) => ["HDEL", key, instance] as const) : [],
      outcome: undefined,
    }));
  }

  async #some(instances: readonly InstanceId[]): Promise<readonly (readonly [InstanceId, string])[]> {
    if (instances.length === 0) return [];
    const stored = await this.#redis.hmget(this.#keys.upstreams, ...instances).catch(storeError);
    return instances.flatMap((id, i) => {
      const upstream = stored[i] ?? null;
      return upstream === null ? [] : [[id, upstream] as const];
    });
  }

  /** The last result is deleted too: it means nothing for the next upstream. */
  async #forget(instance: InstanceId): Promise<void> {
    await this.#redis.hdel(this.#keys.upstreams, instance).catch(storeError);
    await this.#redis.hdel(this.#keys.reconciliations, instance).catch(storeError);
  }
}
