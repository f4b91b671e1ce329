import { connect, Keys, openMessageStores, RedisInstanceRegistry } from "../packages/redis/dist/index.js";
import { wholeLives } from "./events.mjs";
import { messageId, randomFrom } from "./traffic.mjs";

/** @typedef {import("./events.mjs").InstanceEvents} InstanceEvents */

/** Our store on a Redis, without the processes around it. @param {string} url */
export function ourStore(url) {
  const target = { url, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 60_000 };
  const redis = connect(target, "worker", (error) => {
    throw error;
  });
  const keys = new Keys();
  const stores = openMessageStores(redis, { keys, retentionDays: 30 });
  // The benchmark's only call of it, so that a change of its parameters is made here alone.
  const store = {
    apply: async (/** @type {readonly InstanceEvents[]} */ batches) => stores.store.apply(batches),
  };
  return { redis, keys, store, registry: new RedisInstanceRegistry(redis, keys) };
}

const MESSAGES_A_CALL = 250;

/**
 * Give an instance messages with their whole timeline.
 * @param {ReturnType<typeof ourStore>} target @param {string} instance @param {number} messages
 */
export async function fillInstance({ store, registry }, instance, messages) {
  const random = randomFrom(Number(instance));
  await registry.register([instance]);
  for (let done = 0; done < messages; done += MESSAGES_A_CALL) {
    const count = Math.min(MESSAGES_A_CALL, messages - done);
    await store.apply([wholeLives(count, { instance, random, idOf: messageId })]);
  }
}
