import type { InstanceId, InstanceOverview, OverviewReader } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import { instanceTimes } from "./instance-epoch.ts";
import { SETTING_FIELDS, settingsOf } from "./instance-settings.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/** Instances read at a time, so other clients get their turn in between. */
const READ_AT_ONCE = 500;

/** Reads only what a list of instances shows. */
export class RedisInstanceOverviews implements OverviewReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async overviews(instances: readonly InstanceId[]): Promise<readonly InstanceOverview[]> {
    const overviews: InstanceOverview[] = [];
    for (let from = 0; from < instances.length; from += READ_AT_ONCE) {
      const some = instances.slice(from, from + READ_AT_ONCE);
      overviews.push(...(await Promise.all(some.map(async (instance) => this.#overview(instance)))));
    }
    return overviews;
  }

  async #overview(instance: InstanceId): Promise<InstanceOverview> {
    const [summary, state, stateAt, ...settings] = await this.#redis
      .hmgetBuffer(this.#keys.instance(instance) + INSTANCE_KEYS.META, "summary", "state", "stateAt", ...SETTING_FIELDS)
      .catch(storeError);
    const { lastReceipt } = instanceTimes(summary);
    return {
      ...(lastReceipt === undefined ? {} : { lastWebhookAt: lastReceipt }),
      ...(state == null ? {} : { state: { state: state.toString(), at: Number(stateAt) } }),
      settings: settingsOf(settings),
    };
  }
}
