import type { InstanceEraser, InstanceId } from "@ticktally/core";
import type { RedisClient } from "./connection.ts";
import { newHashKey } from "./commit/instance-basis.ts";
import { keysOfEpoch, unpackEpoch } from "./instance-epoch.ts";
import { INSTANCE_KEYS, type Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

const KEYS_A_CALL = 500;

/** Forgets instances at once (`lua/forget-instance.lua`) and deletes what they left piece by piece. */
export class Eraser implements InstanceEraser {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async forget(instance: InstanceId): Promise<void> {
    // Before, so that a crash in between leaves nothing behind; after, in case erase() has just found nothing to do.
    await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    await this.#redis
      .forgetInstance(this.#keys.instance(instance), Buffer.from(newHashKey(), "latin1"))
      .catch(storeError);
    await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
  }

  async forgetUnchanged(instance: InstanceId, mark: string): Promise<string> {
    // As in forget().
    if (mark !== "") await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    const hashKey = Buffer.from(newHashKey(), "latin1");
    const left = await this.#redis.forgetUnchanged(this.#keys.instance(instance), hashKey, mark).catch(storeError);
    if (mark !== "") await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    return typeof left === "string" ? left : "";
  }

  async erase(): Promise<number> {
    const instances = await this.#redis.smembers(this.#keys.forgotten).catch(storeError);
    let deleted = 0;
    for (const instance of instances) {
      const root = this.#keys.instance(instance);
      const entries = await this.#redis.lrangeBuffer(root + INSTANCE_KEYS.FORGOTTEN, 0, -1).catch(storeError);
      for (const entry of ["", ...entries]) {
        if (typeof entry !== "string") deleted += await this.#delete(keysOf(root, entry));
        await this.#redis.endForgetting(root, entry).catch(storeError);
      }
      await this.#redis.srem(this.#keys.forgotten, instance).catch(storeError);
    }
    return deleted;
  }

  async #delete(keys: Iterable<string>): Promise<number> {
    let [deleted, some] = [0, [] as string[]];
    const flush = async () => {
      if (some.length > 0) deleted += await this.#redis.unlink(...some).catch(storeError);
      some = [];
    };
    for (const key of keys) if (some.push(key) === KEYS_A_CALL) await flush();
    await flush();
    return deleted;
  }
}

/** @param entry see `lua/forget-instance.lua` */
function* keysOf(root: string, entry: Buffer): Iterable<string> {
  const forgotten = unpackEpoch(entry);
  for (const key of keysOfEpoch(forgotten)) yield root + forgotten.epoch + key;
}
