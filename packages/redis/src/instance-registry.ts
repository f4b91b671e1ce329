import type { InstanceAdministration, InstanceId, InstanceRegistry, RegisteredInstance } from "@ticktally/core";
import { addTokenReply, createReply, renameReply } from "@ticktally/schemas";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { defineRegistryScripts } from "./registry-scripts.ts";
import { storeError } from "./store-error.ts";

const TOKENS_VALID = 2;

/** Which instances exist, what they are called, and whose the instance tokens are. */
export class RedisInstanceRegistry implements InstanceRegistry, InstanceAdministration {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineRegistryScripts(redis);
  }

  async register(instances: readonly InstanceId[]): Promise<void> {
    await this.#redis.registerInstances(...this.#names, ...instances).catch(storeError);
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

  /** SHA-256 of the tokens that are valid, hex, newest first. */
  async tokensOf(id: InstanceId): Promise<readonly string[]> {
    const stored = await this.#redis.hget(this.#keys.instanceTokens, id).catch(storeError);
    return (stored ?? "").split(" ").filter((digest) => digest !== "");
  }

  async create({ id, name }: RegisteredInstance): Promise<"created" | "id_taken" | "name_taken"> {
    const reply = await this.#redis.nameInstance(...this.#names, "create", id, name).catch(storeError);
    const outcome = createReply.parse(reply);
    return outcome === "done" ? "created" : outcome;
  }

  async rename(id: InstanceId, name: string): Promise<"renamed" | "name_taken" | "unknown"> {
    const reply = await this.#redis.nameInstance(...this.#names, "rename", id, name).catch(storeError);
    const outcome = renameReply.parse(reply);
    return outcome === "done" ? "renamed" : outcome;
  }

  async remove(id: InstanceId): Promise<void> {
    await this.#redis
      .removeInstance(...this.#names, ...this.#tokens, this.#keys.deletedInstances, id)
      .catch(storeError);
  }

  async addToken(id: InstanceId, tokenSha256: string): Promise<"added" | "unknown"> {
    const reply = await this.#redis
      .addInstanceToken(this.#keys.instanceNames, ...this.#tokens, id, tokenSha256, TOKENS_VALID)
      .catch(storeError);
    return addTokenReply.parse(reply);
  }

  get #names(): [string, string] {
    return [this.#keys.instanceNames, this.#keys.instancesByName];
  }

  get #tokens(): [string, string] {
    return [this.#keys.tokens, this.#keys.instanceTokens];
  }
}
