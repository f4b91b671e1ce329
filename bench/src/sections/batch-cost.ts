import { applyAll, batchesOf, eventsOf } from "../load/events.ts";
import { ourStore } from "../stores/our-store.ts";
import { rowOf } from "../results/rounds.ts";
import { storeMicros } from "../stores/store-cost.ts";
import { startRedisStore } from "../stores/stores.ts";
import { makeTraffic } from "../load/traffic.ts";
import type { Section } from "../section.ts";
import type { Sample } from "../results/statistics.ts";

const INSTANCES = [10, 1_000, 10_000];
const SIZES = [1, 10, 100, 1_000];
const PARTS = { startRedisStore, ourStore, applyAll, batchesOf };

/** Redis's CPU time for a webhook, by batch size and number of instances. */
export const batchCost: Section = {
  name: "batch-cost",
  title: "Cost by size of batch",
  run: async ({ isShort, rounds, durability, print }) => {
    const webhooks = isShort ? 6_000 : 40_000;
    const rows = [];
    for (const instances of INSTANCES) {
      const events = eventsOf(makeTraffic({ webhooks, instances }).bodies);
      const samples = [];
      for (let round = 1; round <= Math.min(rounds, 3); round++) {
        const sample: Sample = {};
        for (const size of SIZES) sample[`size${size}`] = await storeMicros(PARTS, events, { size, durability });
        print(`  round ${round}  ${instances} instances: ${JSON.stringify(sample)}`);
        samples.push(sample);
      }
      rows.push(rowOf(`instances-${instances}`, `${instances.toLocaleString("en-US")} instances`, samples));
    }
    const table = {
      name: "batch-cost",
      title: "What one webhook costs Redis",
      how: `CPU µs a webhook, AOF included: ${webhooks.toLocaleString("en-US")} events, instances by Zipf, the script called directly on an empty Redis.`,
      columns: SIZES.map((size) => ({
        key: `size${size}`,
        label: `${size.toLocaleString("en-US")} a call`,
        digits: 1,
      })),
      rows,
    };
    return [table];
  },
};
