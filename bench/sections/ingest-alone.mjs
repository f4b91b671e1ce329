import { BARE_HTTP, contender } from "../contenders.mjs";
import { post, requestsOf } from "../load.mjs";
import { inRounds } from "../rounds.mjs";
import { startContender } from "../running-contender.mjs";
import { quantile } from "../statistics.mjs";
import { makeTraffic } from "../traffic.mjs";

/** They come again and again, for nobody looks into them. */
const WEBHOOKS_MADE = 100_000;
/** More than the bare server gets through. */
const WEBHOOKS_A_SECOND_MAX = 40_000;

const NONE = Buffer.alloc(0);

/** POST → stored, while nobody takes anything out; beside a server that stores nothing. @type {import("../section.mjs").Section} */
export const ingestAlone = {
  name: "ingest",
  title: "Ingest alone",
  run: async ({ rounds, durability, seconds, print }) => {
    const { bodies } = makeTraffic({ webhooks: WEBHOOKS_MADE });
    const contenders = [BARE_HTTP, contender("bullmq"), contender("ticktally"), contender("ours-streams")];
    const tables = [];
    for (const connections of [64, 256]) {
      print(`${connections} connections`);
      const measure = async (/** @type {string} */ name) =>
        measureOne(name, { bodies, seconds, durability, connections });
      tables.push({
        name: `ingest-${connections}`,
        title: `POST → stored, nobody drains, ${connections} connections`,
        how: `${seconds} s a round after as many unmeasured; ratios to the bare server, which shares the cores with the load generator as everybody does.`,
        baseline: BARE_HTTP.name,
        columns: COLUMNS,
        rows: await inRounds(contenders, { rounds, baseline: BARE_HTTP.name, print, measure }),
      });
    }
    return tables;
  },
};

/** @type {import("../section.mjs").Column[]} */
const COLUMNS = [
  { key: "storedPerSecond", label: "acknowledged/s", digits: 0, withRatio: true },
  { key: "ackP50Ms", label: "ack p50, ms", digits: 1 },
  { key: "ackP99Ms", label: "ack p99, ms", digits: 1 },
  { key: "ingestMicros", label: "ingest, CPU µs", digits: 0, withRatio: true },
  { key: "storeMicros", label: "store, CPU µs", digits: 0 },
  { key: "loadMicros", label: "load generator, CPU µs", digits: 0 },
];

/** @param {string} name @param {{ bodies: readonly string[], seconds: number, connections: number, durability: import("../stores.mjs").Durability }} options */
async function measureOne(name, { bodies, seconds: lasts, connections, durability }) {
  const running = await startContender(contender(name), { durability, roles: ["ingest"] });
  try {
    const made = requestsOf(running.door, bodies);
    const requests = Array.from({ length: lasts * WEBHOOKS_A_SECOND_MAX }, (_, i) => made.at(i % made.length) ?? NONE);
    const { port } = running.door;
    const first = await post({ port, requests, connections, seconds: lasts });
    const cpuBefore = running.cpu();
    const load = await post({ port, requests, connections, seconds: lasts });
    const cpu = running.cpu();
    if (first.refused + load.refused > 0) throw new Error(`${name} refused ${first.refused + load.refused} webhooks`);
    const stored = await running.inspector.stored();
    const posted = first.posted + load.posted;
    if (stored !== undefined && stored !== posted) throw new Error(`${name} stored ${stored} of ${posted} webhooks`);
    return {
      storedPerSecond: load.accepted / load.seconds,
      ackP50Ms: quantile(load.latenciesMs, 0.5),
      ackP99Ms: quantile(load.latenciesMs, 0.99),
      ingestMicros: ((cpu.ingest - cpuBefore.ingest) * 1e6) / load.accepted,
      storeMicros: ((cpu.store - cpuBefore.store) * 1e6) / load.accepted,
      loadMicros: (load.cpuSeconds * 1e6) / load.accepted,
    };
  } finally {
    await running.stop();
  }
}
