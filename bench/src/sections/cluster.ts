import { CLUSTERS } from "../contenders/contenders.ts";
import { inRounds } from "../results/rounds.ts";
import { COLUMNS, measureOne, trafficFor } from "./end-to-end.ts";
import type { Section } from "../section.ts";

const CONNECTIONS = 64;

/** The effect of more masters, and the cost of a cluster. */
export const cluster: Section = {
  name: "cluster",
  title: "Redis Cluster",
  run: async ({ rounds, durability, seconds, print }) => {
    const traffic = trafficFor(seconds);
    const measure = async (name: string) =>
      measureOne(name, { traffic, seconds, durability, connections: CONNECTIONS });
    const baseline = CLUSTERS[0]?.name ?? "";
    const table = {
      name: "cluster",
      title: `POST → counted on a Redis Cluster, ${CONNECTIONS} connections`,
      how: `${seconds} s a round after as many unmeasured, 8 queues, one ingest, one worker. All masters share the cores of this machine with everything else, so what more of them bring shows in the CPU µs, not in webhooks a second.`,
      baseline,
      columns: COLUMNS,
      rows: await inRounds(CLUSTERS, { rounds: Math.min(rounds, 3), baseline, print, measure }),
    };
    return [table];
  },
};
