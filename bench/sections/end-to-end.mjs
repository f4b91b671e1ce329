import { BASELINE, contender } from "../contenders.mjs";
import { post, requestsOf } from "../load.mjs";
import { inRounds } from "../rounds.mjs";
import { checkTotals, startContender, untilDrained } from "../running-contender.mjs";
import { quantile } from "../statistics.mjs";
import { makeTraffic } from "../traffic.mjs";

/** Sent first and not measured: programs that have just started are slow. */
const WARM_UP_SHARE = 0.25;

/** POST → stored → acknowledged → counted, as fast as it goes. @type {import("../section.mjs").Section} */
export const endToEnd = {
  name: "end-to-end",
  title: "POST → counted",
  run: async (settings) => {
    const { contenders, rounds, durability, webhooks, print } = settings;
    const tables = [];
    for (const connections of [64, 256]) {
      print(`${connections} connections`);
      const measure = async (/** @type {string} */ name) => measureOne(name, { webhooks, durability, connections });
      tables.push({
        name: `connections-${connections}`,
        title: `POST → counted, ${connections} connections`,
        how: `${webhooks} webhooks a round (pg-boss a fifth), mixed traffic over 1,000 instances (Zipf); the first quarter unmeasured. Latencies are at full load.`,
        columns: COLUMNS,
        rows: await inRounds(contenders, { rounds, baseline: BASELINE, print, measure }),
      });
    }
    return tables;
  },
};

/** @type {import("../section.mjs").Column[]} */
export const COLUMNS = [
  { key: "countedPerSecond", label: "counted/s", digits: 0, withRatio: true },
  { key: "ackP50Ms", label: "ack p50, ms", digits: 1 },
  { key: "ackP99Ms", label: "ack p99, ms", digits: 1, withRatio: true },
  { key: "backlogPercent", label: "waiting at the last ack, %", digits: 0 },
  { key: "ingestMicros", label: "ingest, CPU µs", digits: 0 },
  { key: "workerMicros", label: "worker, CPU µs", digits: 0 },
  { key: "storeMicros", label: "store, CPU µs", digits: 0 },
  { key: "cpuMicros", label: "all, CPU µs a webhook", digits: 0, withRatio: true },
  { key: "loadMicros", label: "load generator, CPU µs", digits: 0 },
];

/** One contender, the whole way. @param {string} name @param {{ webhooks: number, connections: number, durability: import("../stores.mjs").Durability }} options */
export async function measureOne(name, { webhooks, connections, durability }) {
  const { share, ...rest } = contender(name);
  const { bodies, totals } = makeTraffic({ webhooks: Math.round(webhooks * share) });
  const running = await startContender({ share, ...rest }, { durability });
  try {
    const requests = requestsOf(running.door, bodies);
    const warmUp = Math.round(requests.length * WARM_UP_SHARE);
    const { port } = running.door;
    const first = await post({ port, requests: requests.slice(0, warmUp), connections });
    await untilDrained(running);
    const [cpuBefore, queueBefore, startedAt] = [running.cpu(), await running.inspector.queue(), performance.now()];
    const load = await post({ port, requests: requests.slice(warmUp), connections });
    const queue = await running.inspector.queue();
    await untilDrained(running);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = running.cpu();
    if (first.refused + load.refused > 0) throw new Error(`${name} refused ${first.refused + load.refused} webhooks`);
    await checkTotals(name, running, totals);
    const micros = (/** @type {"ingest" | "worker" | "store"} */ part) =>
      ((cpu[part] - cpuBefore[part]) * 1e6) / load.accepted;
    const [ingestMicros, workerMicros, storeMicros] = [micros("ingest"), micros("worker"), micros("store")];
    return {
      countedPerSecond: load.accepted / seconds,
      ackP50Ms: quantile(load.latenciesMs, 0.5),
      ackP99Ms: quantile(load.latenciesMs, 0.99),
      backlogPercent: (100 * queue.waiting) / Math.max(1, queue.added - queueBefore.added),
      ingestMicros,
      workerMicros,
      storeMicros,
      cpuMicros: ingestMicros + workerMicros + storeMicros,
      loadMicros: (load.cpuSeconds * 1e6) / load.accepted,
    };
  } finally {
    await running.stop();
  }
}
