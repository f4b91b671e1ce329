import { Keys, openMessageStores, RedisInstanceRegistry } from "../../../packages/redis/dist/index.js";

/** The counts of all instances together. @param {import("ioredis").Redis | import("ioredis").Cluster} redis @returns {Promise<import("../../traffic.mjs").Totals>} */
export async function ourTotals(redis) {
  const keys = new Keys();
  const instances = await new RedisInstanceRegistry(redis, keys).list();
  const { counts } = openMessageStores(redis, { keys, retentionDays: 30 });
  const all = await counts.totals(instances.map(({ id }) => id));
  const sum = (/** @type {RegExp} */ counter) =>
    all.flatMap((of) => [...of.counts]).reduce((total, [name, count]) => total + (counter.test(name) ? count : 0), 0);
  return {
    received: sum(/^messages\/incoming\//),
    observed: sum(/^messages\/outgoing\//),
    sent: sum(/^reached\/\w+\/sent$/),
    delivered: sum(/^reached\/\w+\/delivered$/),
    read: sum(/^reached\/\w+\/read$/),
    failed: sum(/^reached\/\w+\/failed$/),
  };
}
