import { CLUSTERS } from "../contenders.mjs";
import { inRounds } from "../rounds.mjs";
import { COLUMNS, measureOne, trafficFor } from "./end-to-end.mjs";

const CONNECTIONS = 64;

/** What more masters bring, and what a cluster costs. @type {import("../section.mjs").Section} */
export const cluster = {
  name: "cluster",
  title: "Redis Cluster",
  run: async ({ rounds, durability, seconds, print }) => {
    const traffic = trafficFor(seconds);
    const measure = async (/** @type {string} */ name) =>
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
