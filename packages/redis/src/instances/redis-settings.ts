import type { InstanceId, InstanceSettings, InstanceSettingsChange, SettingsStore } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import { storeError } from "../connection/store-error.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { changedFields, SETTING_FIELDS, settingsOf } from "./instance-settings.ts";

/** The settings of instances, in their META. */
export class RedisSettings implements SettingsStore {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async settings(instances: readonly InstanceId[]): Promise<readonly InstanceSettings[]> {
    return Promise.all(
      instances.map(async (instance) =>
        settingsOf(await this.#redis.hmgetBuffer(this.#metaOf(instance), ...SETTING_FIELDS).catch(storeError)),
      ),
    );
  }

  async changeSettings(instance: InstanceId, change: InstanceSettingsChange): Promise<void> {
    const { stored, deleted } = changedFields(change);
    const key = this.#metaOf(instance);
    if (deleted.length > 0) await this.#redis.hdel(key, ...deleted).catch(storeError);
    if (Object.keys(stored).length === 0) return;
    await this.#redis.hset(key, stored).catch(storeError);
    // An instance without data may be about to expire: see `instance-eraser.ts`.
    await this.#redis.persist(key).catch(storeError);
  }

  #metaOf(instance: InstanceId): string {
    return this.#keys.instance(instance) + INSTANCE_KEYS.META;
  }
}
