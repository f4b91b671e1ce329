import { connect, Keys, openMessageStores, RedisInstanceRegistry } from "@ticktally/redis";
import { completeMessages } from "../load/events.ts";
import { messageId, randomFrom } from "../load/traffic.ts";
import type { InstanceEvents } from "@ticktally/core";

/** Ticktally's store on a Redis, without its processes. */
export function ourStore(url: string) {
  const target = { url, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 60_000 };
  const redis = connect(target, "worker", (error) => {
    throw error;
  });
  const keys = new Keys();
  const stores = openMessageStores(redis, { keys, retentionDays: 30 });
  // The benchmark's only call of `apply`, so that a change of its parameters is needed here only.
  const store = {
    apply: async (batches: readonly InstanceEvents[]) => stores.store.apply(batches),
  };
  return { redis, keys, store, registry: new RedisInstanceRegistry(redis, keys) };
}

const MESSAGES_A_CALL = 250;

/** Add messages with complete timelines to an instance. */
export async function fillInstance(
  { store, registry }: ReturnType<typeof ourStore>,
  instance: string,
  messages: number,
) {
  const random = randomFrom(Number(instance));
  await registry.register([instance]);
  for (let done = 0; done < messages; done += MESSAGES_A_CALL) {
    const count = Math.min(MESSAGES_A_CALL, messages - done);
    await store.apply([completeMessages(count, { instance, random, idOf: messageId })]);
  }
}
