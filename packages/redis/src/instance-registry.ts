import type { InstanceId, InstanceRegistry, RegisteredInstance } from "@ticktally/core";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

/** Which instances exist, what they are called, and whose the instance tokens are. */
export class RedisInstanceRegistry implements InstanceRegistry {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async register(instances: readonly InstanceId[]): Promise<void> {
    const change = this.#redis.multi();
    for (const instance of instances) {
      change.hsetnx(this.#keys.instanceNames, instance, instance);
      change.hsetnx(this.#keys.instancesByName, instance, instance);
    }
    const replies = await change.exec().catch(storeError);
    for (const [error] of replies ?? []) if (error) storeError(error);
  }

  async registered(instances: readonly InstanceId[]): Promise<readonly InstanceId[]> {
    const names = await this.#redis.hmget(this.#keys.instanceNames, ...instances).catch(storeError);
    return instances.filter((_, i) => names[i] !== null);
  }

  async list(): Promise<readonly RegisteredInstance[]> {
    const names = await this.#redis.hgetall(this.#keys.instanceNames).catch(storeError);
    return Object.entries(names).map(([id, name]) => ({ id, name }));
  }

  async resolve(names: readonly string[]): Promise<readonly (RegisteredInstance | undefined)[]> {
    const [byName, byId] = await Promise.all([
      this.#redis.hmget(this.#keys.instancesByName, ...names).catch(storeError),
      this.#redis.hmget(this.#keys.instanceNames, ...names).catch(storeError),
    ]);
    return names.map((name, i) => {
      const [id, ownName] = [byName[i] ?? null, byId[i] ?? null];
      if (id !== null) return { id, name };
      return ownName === null ? undefined : { id: name, name: ownName };
    });
  }

  async tokenOwner(tokenSha256: string): Promise<InstanceId | undefined> {
    return (await this.#redis.hget(this.#keys.tokens, tokenSha256).catch(storeError)) ?? undefined;
  }

  async addToken(instance: InstanceId, tokenSha256: string): Promise<void> {
    await this.#redis.hset(this.#keys.tokens, tokenSha256, instance).catch(storeError);
  }
}
