import type { InstanceEraser, InstanceId } from "@ticktally/core";
import { CHAT_FIRST_BYTES } from "./chat-codec.ts";
import type { RedisClient } from "./connection.ts";
import { DAYS_A_KEY, HOURS_A_KEY, INSTANCE_KEYS, type Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

const KEYS_A_CALL = 500;
const DAY_MS = 86_400_000;

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
        if (entry !== "") deleted += await this.#delete(this.#keysOf(root, entry));
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

  /** Every key that a life of an instance can have had. @param entry see `lua/forget-instance.lua` */
  *#keysOf(root: string, entry: string): Iterable<string> {
    const [life = "-", ...numbers] = entry.split(" ");
    const [generation = 0, ...rest] = numbers.map(Number);
    const [first = 0] = rest.slice(3);
    const base = root + (life === "-" ? "" : life);
    yield base + INSTANCE_KEYS.FAILED;
    for (const byte of CHAT_FIRST_BYTES)
      yield* [base + INSTANCE_KEYS.CHATS + byte, `${base + INSTANCE_KEYS.CHATS + byte}~`];
    for (let age = 0; age <= 2; age++) {
      const g = String(generation - age);
      for (const kind of [INSTANCE_KEYS.DESCRIPTIONS, INSTANCE_KEYS.RECIPIENTS]) yield base + kind + g;
      for (let bucket = 0; bucket < (rest[age] ?? 0); bucket++)
        yield `${base + INSTANCE_KEYS.MESSAGES + g}:${String(bucket)}`;
      const [from, to] = [(generation - age) * this.#generationMs, (generation - age + 1) * this.#generationMs];
      for (let day = Math.floor(from / DAY_MS) - 1; day <= Math.floor(to / DAY_MS) + 1; day++) {
        yield `${base + INSTANCE_KEYS.HEARD + g}:${String(day)}`;
      }
    }
    // Events may be dated a day ahead of the last generation.
    const lastHour = Math.floor(((generation + 1) * this.#generationMs + 2 * DAY_MS) / 3_600_000);
    const [firstHour, step] = [Math.floor(first / 3600), HOURS_A_KEY];
    for (let key = Math.floor(firstHour / step); key <= lastHour / step; key++)
      yield base + INSTANCE_KEYS.HOURS + String(key);
    for (let key = Math.floor(firstHour / 24 / DAYS_A_KEY); key <= lastHour / 24 / DAYS_A_KEY; key++) {
      yield base + INSTANCE_KEYS.DAYS + String(key);
    }
  }
}
