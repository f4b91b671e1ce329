import { Keys, openMessageStores, RedisInstanceRegistry } from "@ticktally/redis";
import type { Totals } from "../../load/traffic.ts";
import type { Redis, Cluster } from "ioredis";

/** The counts of all instances together. */
export async function ourTotals(redis: Redis | Cluster): Promise<Totals> {
  const keys = new Keys();
  const instances = await new RedisInstanceRegistry(redis, keys).list();
  const { counts } = openMessageStores(redis, { keys, retentionDays: 30 });
  const all = await counts.totals(instances.map(({ id }) => id));
  const sum = (counter: RegExp) =>
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
