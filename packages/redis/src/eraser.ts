import type { InstanceEraser, InstanceId } from "@ticktally/core";
import type { RedisClient } from "./connection.ts";
import { keysOfLife, lifeOf } from "./instance-life.ts";
import { INSTANCE_KEYS, type Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

const KEYS_A_CALL = 500;

/** Forgets instances at once (`lua/forget-instance.lua`) and deletes what they left piece by piece. */
export class Eraser implements InstanceEraser {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #generationMs: number;

  constructor(redis: RedisClient, keys: Keys, generationMs: number) {
    this.#redis = redis;
    this.#keys = keys;
    this.#generationMs = generationMs;
  }

  async forget(instance: InstanceId): Promise<void> {
    // Before, so that a crash in between leaves nothing behind; after, in case erase() has just found nothing to do.
    await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    await this.#redis.forgetInstance(this.#keys.instance(instance)).catch(storeError);
    await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
  }

  async erase(): Promise<number> {
    const instances = await this.#redis.smembers(this.#keys.forgotten).catch(storeError);
    let deleted = 0;
    for (const instance of instances) {
      const root = this.#keys.instance(instance);
      const entries = await this.#redis.lrange(root + INSTANCE_KEYS.FORGOTTEN, 0, -1).catch(storeError);
      for (const entry of ["", ...entries]) {
        if (entry !== "") deleted += await this.#delete(keysOf(root, entry, this.#generationMs));
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
function* keysOf(root: string, entry: string, generationMs: number): Iterable<string> {
  const life = lifeOf(entry);
  for (const key of keysOfLife(life, generationMs)) yield root + life.life + key;
}
