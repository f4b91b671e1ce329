import type { InstanceId } from "@ticktally/core";
import { KeyReader } from "../backup/key-reader.ts";
import type { RedisClient } from "../connection/connection.ts";
import { readRoot } from "../instances/instance-root.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { openMessageStores } from "../message-stores.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";
import { layoutOf, markPresent, setLayout } from "../connection/stored-layout.ts";
import { InstanceConversion, LEFT_FIELD } from "./instance-conversion.ts";
import { forgottenLife, generationMsBy, generationMsOf, keysOfLife, leftLife, lifeOf, type Life } from "./life.ts";

interface UpgradeOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** The retention setting of the previous version, which determined where records are. Used if the data do not show it. */
  readonly retentionDays: number;
  /** Unix ms */
  readonly now: () => number;
}

export interface UpgradeReport {
  readonly instances: number;
  readonly messages: number;
  /** Instances with counters that were lower than the records they count: these are 0 now. */
  readonly damaged: readonly InstanceId[];
}

const FORGOTTEN_AT_ONCE = 500;
const LARGE = /^(descriptions|recipients|heard):/;

/**
 * Converts what older versions stored to the current layout. Layout 2 has the current keys: its messages are counted again. Layout 1 is
 * converted instance by instance, each in one step: an interrupted upgrade continues with the next one. An instance's data stay under the
 * old keys until readers use the new ones, and are deleted then.
 */
export class Upgrade {
  readonly #options: UpgradeOptions;
  readonly #reader: KeyReader;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    defineScripts(options.redis);
    this.#reader = new KeyReader({ redis: options.redis, now: options.now, large: LARGE });
  }

  /** @returns `undefined` if there is nothing to do @throws {BackupError} @throws {StoreUnavailableError} */
  async run(onInstance: (done: number, of: number) => void): Promise<UpgradeReport | undefined> {
    const { redis, keys } = this.#options;
    const layout = await layoutOf(redis, keys);
    if (layout === "before") return this.#recount(onInstance);
    if (layout !== "old") return undefined;
    const names = await redis.hkeys(keys.instanceNamesOld).catch(storeError);
    const forgotten = await redis.smembers(keys.forgotten).catch(storeError);
    const instances = [...new Set([...names, ...forgotten])];
    const report = { instances: 0, messages: 0, damaged: [] as InstanceId[] };
    for (const [i, instance] of instances.entries()) {
      const done = await this.#instance(instance);
      report.instances += 1;
      report.messages += done.messages;
      if (done.short > 0) report.damaged.push(instance);
      onInstance(i + 1, instances.length);
    }
    await setLayout(redis, keys);
    return report;
  }

  /** Data with the current keys are counted by the current rule, message by message. */
  async #recount(onInstance: (done: number, of: number) => void): Promise<UpgradeReport> {
    const { redis, keys, retentionDays } = this.#options;
    const damaged = new Set<InstanceId>();
    const onDamage = (instance: InstanceId) => void damaged.add(instance);
    const { recount } = openMessageStores(redis, { keys, retentionDays, onDamage });
    const instances = await redis.hkeys(keys.instanceNames).catch(storeError);
    let messages = 0;
    for (const [i, instance] of instances.entries()) {
      messages += await recount(instance);
      onInstance(i + 1, instances.length);
    }
    await markPresent(redis, keys);
    return { instances: instances.length, messages, damaged: [...damaged] };
  }

  async #instance(instance: InstanceId): Promise<{ readonly messages: number; readonly short: number }> {
    const { redis, keys, retentionDays, now } = this.#options;
    const root = keys.instance(instance);
    const old = (await redis.lrange(root + INSTANCE_KEYS.FORGOTTEN, 0, -1).catch(storeError)).map(forgottenLife);
    const generationMs = generationMsBy(retentionDays);
    const { meta: all, counts } = await readRoot(redis, root);
    const fields = new Map(Array.from({ length: all.length / 2 }, (_, i) => [String(all[2 * i]), all[2 * i + 1]]));
    const isDone = fields.has("epoch");
    const life = isDone ? undefined : lifeOf(fields.get("head"), fields.get("life")?.toString());
    let result = { messages: 0, short: 0 };
    if (life !== undefined) {
      const filedBy = await this.#generationMs(root, life, generationMs);
      const used = [life, ...old].map((one) => numberOf(one.life));
      const conversion = await InstanceConversion.begin({ redis, keys, now }, instance, life, filedBy, used);
      for await (const line of this.#reader.read(root + life.life, keysOfLife(life, filedBy)))
        await conversion.write(line);
      const meta = all.map((bytes) => bytes.toString("base64"));
      const left = leftLife(life, filedBy);
      const short = await conversion.commit({ meta, counts: counts.toString("base64") }, { replace: true, left });
      result = { messages: conversion.messages, short };
      fields.set(LEFT_FIELD, Buffer.from(left));
    } else if (!isDone && fields.has("life")) {
      // Forgotten, and nothing stored since: the next life keeps counting the number up.
      await redis.hdel(root + INSTANCE_KEYS.META, "life").catch(storeError);
    }
    const left = fields.get(LEFT_FIELD)?.toString();
    if (left !== undefined) {
      await this.#delete(root, forgottenLife(left), generationMsOf(left));
      await redis.hdel(root + INSTANCE_KEYS.META, LEFT_FIELD).catch(storeError);
    }
    for (const one of old) await this.#delete(root, one, generationMs);
    await redis.del(root + INSTANCE_KEYS.FORGOTTEN).catch(storeError);
    return result;
  }

  /** The length of a generation, derived from the expiry of its keys, because the setting may have changed. */
  async #generationMs(root: string, { life, generation, buckets }: Life, bySetting: number): Promise<number> {
    const { redis } = this.#options;
    for (const [age, count] of buckets.entries()) {
      const key = `${root + life}messages:${String(generation - age)}:`;
      for (let bucket = 0; bucket < Math.min(count, LOOKED_AT); bucket++) {
        const ttlMs = await redis.pttl(key + String(bucket)).catch(storeError);
        if (ttlMs <= 0) continue;
        const days = (this.#options.now() + ttlMs) / (generation - age + 3) / 86_400_000;
        // Settings are whole days, so generations are whole half days.
        return Math.round(days * 2) * 43_200_000;
      }
    }
    return bySetting;
  }

  async #delete(root: string, life: Life, generationMs: number): Promise<void> {
    const { redis } = this.#options;
    let some: string[] = [];
    for (const key of keysOfLife(life, generationMs)) {
      if (some.push(root + life.life + key) < FORGOTTEN_AT_ONCE) continue;
      await redis.unlink(...some).catch(storeError);
      some = [];
    }
    if (some.length > 0) await redis.unlink(...some).catch(storeError);
  }
}

const LOOKED_AT = 20;

function numberOf(life: string): number {
  return Number.parseInt(life, 10) || 0;
}
