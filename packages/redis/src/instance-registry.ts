import type {
  InstanceAdministration,
  InstanceId,
  InstancePage,
  InstanceRegistry,
  RegisteredInstance,
} from "@ticktally/core";
import { addTokenReply, createReply, instancePageReply, renameReply } from "@ticktally/schemas";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { defineRegistryScripts } from "./registry-scripts.ts";
import { storeError } from "./store-error.ts";

const TOKENS_VALID = 2;
/** Some milliseconds of Redis, and of who reads it. */
const SLICE = 1_000;

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

  async *slices(): AsyncGenerator<readonly RegisteredInstance[]> {
    for await (const slice of this.#scan(this.#keys.instanceNames)) yield slice.map(([id, name]) => ({ id, name }));
  }

  async page(limit: number, after?: string): Promise<InstancePage> {
    const found = await this.#page(limit, after);
    if (found.isInOrder) return found.page;
    await this.#putInOrder();
    return (await this.#page(limit, after)).page;
  }

  /** Names are not in order where another version, which knows no order, made or changed some. */
  async #page(limit: number, after: string | undefined): Promise<{ page: InstancePage; isInOrder: boolean }> {
    const { instancesByName, namesInOrder } = this.#keys;
    const start = after === undefined ? "-" : `(${after}`;
    // One more than is shown tells whether there is a next page.
    const reply = await this.#redis.pageInstances(instancesByName, namesInOrder, start, limit + 1).catch(storeError);
    const [total, ordered, names, ids] = instancePageReply.parse(reply);
    const found = names.flatMap((name, i) => {
      const id = ids[i] ?? null;
      return id === null ? [] : [{ id, name }];
    });
    const next = names.length > limit ? names[limit - 1] : undefined;
    const page = { instances: found.slice(0, limit), total, ...(next === undefined ? {} : { next }) };
    return { page, isInOrder: total === ordered && found.length === names.length };
  }

  /** What changes meanwhile may be wrong afterwards, and is found so by the next page. */
  async #putInOrder(): Promise<void> {
    const { instancesByName, namesInOrder } = this.#keys;
    for await (const slice of this.#scan(instancesByName))
      await this.#redis.zadd(namesInOrder, ...slice.flatMap(([name]) => [0, name])).catch(storeError);
    let cursor = "0";
    do {
      const [next, members] = await this.#redis.zscan(namesInOrder, cursor, "COUNT", SLICE).catch(storeError);
      const names = members.filter((_, i) => i % 2 === 0);
      const ids = names.length === 0 ? [] : await this.#redis.hmget(instancesByName, ...names).catch(storeError);
      const gone = names.filter((_, i) => ids[i] === null);
      if (gone.length > 0) await this.#redis.zrem(namesInOrder, ...gone).catch(storeError);
      cursor = next;
    } while (cursor !== "0");
  }

  /** All of a hash, some at a time, in no order; one may come twice. */
  async *#scan(key: string): AsyncGenerator<readonly (readonly [field: string, value: string])[]> {
    let cursor = "0";
    do {
      const [next, flat] = await this.#redis.hscan(key, cursor, "COUNT", SLICE).catch(storeError);
      const pairs = Array.from(
        { length: flat.length / 2 },
        (_, i) => [flat[2 * i] ?? "", flat[2 * i + 1] ?? ""] as const,
      );
      if (pairs.length > 0) yield pairs;
      cursor = next;
    } while (cursor !== "0");
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
    const [byId, byName, order] = this.#names;
    const { deletedInstances } = this.#keys;
    await this.#redis.removeInstance(byId, byName, ...this.#tokens, order, deletedInstances, id).catch(storeError);
  }

  async addToken(id: InstanceId, tokenSha256: string): Promise<"added" | "unknown"> {
    const reply = await this.#redis
      .addInstanceToken(this.#keys.instanceNames, ...this.#tokens, id, tokenSha256, TOKENS_VALID)
      .catch(storeError);
    return addTokenReply.parse(reply);
  }

  get #names(): [string, string, string] {
    return [this.#keys.instanceNames, this.#keys.instancesByName, this.#keys.namesInOrder];
  }

  get #tokens(): [string, string] {
    return [this.#keys.tokens, this.#keys.instanceTokens];
  }
}
