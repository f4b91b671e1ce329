import { BASELINE, contender } from "../contenders/contenders.ts";
import { post, requestsOf } from "../load/load.ts";
import { inRounds } from "../results/rounds.ts";
import { checkTotals, startContender, untilDrained } from "../contenders/running-contender.ts";
import { quantile } from "../results/statistics.ts";
import { makeTraffic, totalsOf } from "../load/traffic.ts";
import type { Section, Column } from "../section.ts";
import type { Traffic } from "../load/traffic.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";

/** More than any contender can process. */
const WEBHOOKS_A_SECOND_MAX = 20_000;

/** POST → stored → acknowledged → counted, at full load. */
export const endToEnd: Section = {
  name: "end-to-end",
  title: "POST → counted",
  run: async (settings) => {
    const { contenders, rounds, durability, seconds, print } = settings;
    const traffic = trafficFor(seconds);
    const tables = [];
    for (const connections of [64, 256]) {
      print(`${connections} connections`);
      const measure = async (name: string) => measureOne(name, { traffic, seconds, durability, connections });
      tables.push({
        name: `connections-${connections}`,
        title: `POST → counted, ${connections} connections`,
        how: `As fast as it goes for ${seconds} s after ${seconds} s unmeasured, for Node makes a program faster while it runs; mixed traffic over 1,000 instances (Zipf). Latencies are at full load.`,
        columns: COLUMNS,
        rows: await inRounds(contenders, { rounds, baseline: BASELINE, print, measure }),
      });
    }
    return tables;
  },
};

export const COLUMNS: Column[] = [
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

export function webhooksFor(seconds: number) {
  return 2 * seconds * WEBHOOKS_A_SECOND_MAX;
}

/** Enough webhooks for a measurement and its warm-up. */
export function trafficFor(seconds: number) {
  return makeTraffic({ webhooks: webhooksFor(seconds) });
}

/** Measure one contender end to end. */
export async function measureOne(
  name: string,
  {
    traffic,
    seconds: lasts,
    connections,
    durability,
  }: { traffic: Traffic; seconds: number; connections: number; durability: Durability },
) {
  const running = await startContender(contender(name), { durability });
  try {
    const requests = requestsOf(running.endpoint, traffic.bodies);
    const { port } = running.endpoint;
    const first = await post({ port, requests, connections, seconds: lasts });
    await untilDrained(running);
    const [cpuBefore, queueBefore, startedAt] = [running.cpu(), await running.inspector.queue(), performance.now()];
    const load = await post({ port, requests: requests.slice(first.posted), connections, seconds: lasts });
    const queue = await running.inspector.queue();
    await untilDrained(running);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = running.cpu();
    if (first.refused + load.refused > 0) throw new Error(`${name} refused ${first.refused + load.refused} webhooks`);
    await checkTotals(name, running, totalsOf(traffic.steps.slice(0, first.posted + load.posted)));
    const micros = (part: "ingest" | "worker" | "store") => ((cpu[part] - cpuBefore[part]) * 1e6) / load.accepted;
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
