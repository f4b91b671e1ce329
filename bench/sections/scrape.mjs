import { setTimeout as delay } from "node:timers/promises";
import { eventsOf } from "../events.mjs";
import { startApi } from "../our-api.mjs";
import { ourStore } from "../our-store.mjs";
import { cpuSeconds, end } from "../processes.mjs";
import { rowOf } from "../rounds.mjs";
import { startRedisStore } from "../stores.mjs";
import { makeTraffic } from "../traffic.mjs";

const INSTANCES_A_CALL = 20;
const PROBE_EVERY_MS = 1;

/** Prometheus asks for everything: what it costs, and how long the api hears nobody else meanwhile. @type {import("../section.mjs").Section} */
export const scrape = {
  name: "scrape",
  title: "Scrape of /metrics",
  run: async ({ isShort, rounds, print }) => {
    const webhooks = isShort ? 20 : 60;
    const rows = [];
    for (const instances of [1_000, 10_000]) {
      const samples = await scrapes(instances, webhooks, Math.max(2, rounds), print);
      rows.push(rowOf(`instances-${instances}`, `${instances.toLocaleString("en-US")} instances`, samples));
    }
    const table = {
      name: "scrape",
      title: "One scrape of the api's /metrics",
      how: `Every instance with series of its own and ${webhooks} webhooks of mixed traffic behind them. The stall is the longest answer of /healthz, asked all the time meanwhile; the first scrape, which is slower, is left out.`,
      columns: COLUMNS,
      rows,
    };
    return [table];
  },
};

/** @type {import("../section.mjs").Column[]} */
const COLUMNS = [
  { key: "seconds", label: "takes, s", digits: 2 },
  { key: "apiSeconds", label: "api, CPU s", digits: 2 },
  { key: "stallMs", label: "longest stall, ms", digits: 0 },
  { key: "storeSeconds", label: "Redis, CPU s", digits: 2 },
  { key: "series", label: "series", digits: 0 },
  { key: "mib", label: "MiB", digits: 1 },
];

/** @param {number} instances @param {number} webhooks @param {number} rounds @param {(line: string) => void} print */
async function scrapes(instances, webhooks, rounds, print) {
  const server = await startRedisStore("fast");
  const target = ourStore(server.url);
  await fill(target, instances, webhooks);
  const api = await startApi(server.url, { METRICS_INSTANCE_LIMIT: String(instances) });
  const samples = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const sample = await scrapeOnce(api, server);
      print(`  scrape ${round} of ${instances} instances: ${JSON.stringify(sample)}`);
      if (sample.series < instances) throw new Error(`a scrape of ${instances} instances has ${sample.series} series`);
      if (round > 0) samples.push(sample);
    }
  } finally {
    await end([api.child]);
    target.redis.disconnect();
    await server.stop();
  }
  return samples;
}

/** The same for each instance. @param {ReturnType<typeof ourStore>} target @param {number} instances @param {number} webhooks */
async function fill({ store, registry }, instances, webhooks) {
  const events = eventsOf(makeTraffic({ webhooks, instances: 1 }).bodies).map(({ event }) => event);
  for (let from = 0; from < instances; from += INSTANCES_A_CALL) {
    const ids = Array.from({ length: INSTANCES_A_CALL }, (_, i) => String(1_101_000_000 + from + i));
    await registry.register(ids);
    const batches = ids.map((instance) => ({ instance, events }));
    await store.apply(batches);
  }
}

/** @param {Awaited<ReturnType<typeof startApi>>} api @param {import("../stores.mjs").Store} server */
async function scrapeOnce({ child, opsPort }, server) {
  const origin = `http://127.0.0.1:${opsPort}`;
  let [isScraping, stallMs] = [true, 0];
  const probing = (async () => {
    while (isScraping) {
      const askedAt = performance.now();
      await (await fetch(`${origin}/healthz`)).text();
      stallMs = Math.max(stallMs, performance.now() - askedAt);
      await delay(PROBE_EVERY_MS);
    }
  })();
  const [apiBefore, storeBefore, startedAt] = [cpuSeconds(child.pid), server.cpuSeconds(), performance.now()];
  const { series, bytes } = await readSeries(`${origin}/metrics`);
  const seconds = (performance.now() - startedAt) / 1000;
  isScraping = false;
  await probing;
  return {
    seconds,
    apiSeconds: cpuSeconds(child.pid) - apiBefore,
    stallMs,
    storeSeconds: server.cpuSeconds() - storeBefore,
    series,
    mib: bytes / 2 ** 20,
  };
}

/** As it comes: 120 MiB joined and decoded in one go would hold up the probing here, and look like a stall there. @param {string} url */
async function readSeries(url) {
  const { body } = await fetch(url);
  if (body === null) throw new Error(`${url} answers nothing`);
  let [series, bytes, unfinished] = [0, 0, ""];
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    bytes += chunk.length;
    const lines = (unfinished + decoder.decode(chunk, { stream: true })).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("ticktally_")) series += 1;
  }
  return { series, bytes };
}
