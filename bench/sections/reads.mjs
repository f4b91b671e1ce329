import { Redis } from "ioredis";
import { ACCOUNT_TOKEN, startApi } from "../our-api.mjs";
import { fillInstance, ourStore } from "../our-store.mjs";
import { cpuSeconds, end } from "../processes.mjs";
import { inRounds } from "../rounds.mjs";
import { quantile } from "../statistics.mjs";
import { startRedisStore } from "../stores.mjs";

const SMALL_MESSAGES = 1_000;
const SMALL = Array.from({ length: 50 }, (_, i) => String(1_101_000_000 + i));
const BIG = "1101999999";
const WATCHED = 10;
const WARM_UP = 200;

/** Counts are read, not computed: what a big instance costs beside a small one, and many at once. @type {import("../section.mjs").Section} */
export const reads = {
  name: "reads",
  title: "GET /metrics/:instances",
  run: async ({ isShort, rounds, print }) => {
    const messages = isShort ? 50_000 : 1_000_000;
    const requests = isShort ? 200 : 1_000;
    const server = await startRedisStore("fast");
    const target = ourStore(server.url);
    for (const instance of SMALL) await fillInstance(target, instance, SMALL_MESSAGES);
    await fillInstance(target, BIG, messages);
    const api = await startApi(server.url);
    const questions = [
      {
        name: "small",
        title: `1 instance of ${SMALL_MESSAGES.toLocaleString("en-US")} messages`,
        path: SMALL[0] ?? "",
      },
      { name: "big", title: `1 instance of ${messages.toLocaleString("en-US")} messages`, path: BIG },
      { name: "fifty", title: "50 instances at once", path: SMALL.join(",") },
    ];
    try {
      const pathOf = (/** @type {string} */ name) => questions.find((one) => one.name === name)?.path ?? "";
      const ask = async (/** @type {string} */ name) => get(`http://127.0.0.1:${api.port}/metrics/${pathOf(name)}`);
      for (const { name } of questions) for (let i = 0; i < WARM_UP; i++) await ask(name);
      const measure = async (/** @type {string} */ name) => ({
        ...(await measureOne(async () => ask(name), requests, api.child.pid, server)),
        ...(await talkOf(server.url, async () => ask(name))),
      });
      const table = {
        name: "reads",
        title: "GET /metrics/:instances",
        how: `${requests} requests one after the other, answers checked. Commands and flights (what Redis reads in one go) are those of one request, the rate limit's included.`,
        baseline: "small",
        columns: COLUMNS,
        rows: await inRounds(questions, { rounds: Math.max(2, rounds), baseline: "small", print, measure }),
      };
      return [table];
    } finally {
      await end([api.child]);
      target.redis.disconnect();
      await server.stop();
    }
  },
};

/** @type {import("../section.mjs").Column[]} */
const COLUMNS = [
  { key: "p50Ms", label: "p50, ms", digits: 2, withRatio: true },
  { key: "p99Ms", label: "p99, ms", digits: 2 },
  { key: "commands", label: "commands to Redis", digits: 1 },
  { key: "flights", label: "flights to Redis", digits: 1 },
  { key: "apiMicros", label: "api, CPU µs", digits: 0 },
  { key: "storeMicros", label: "Redis, CPU µs", digits: 0 },
];

/** @param {() => Promise<unknown>} ask @param {number} requests @param {number | undefined} pid @param {import("../stores.mjs").Store} server */
async function measureOne(ask, requests, pid, server) {
  const latenciesMs = new Float64Array(requests);
  const [apiBefore, storeBefore] = [cpuSeconds(pid), server.cpuSeconds()];
  for (let i = 0; i < requests; i++) {
    const startedAt = performance.now();
    await ask();
    latenciesMs[i] = performance.now() - startedAt;
  }
  latenciesMs.sort();
  return {
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    apiMicros: ((cpuSeconds(pid) - apiBefore) * 1e6) / requests,
    storeMicros: ((server.cpuSeconds() - storeBefore) * 1e6) / requests,
  };
}

/** What one request asks of Redis: seen by MONITOR, and in how many flights by its own count of reads. @param {string} url @param {() => Promise<unknown>} ask */
async function talkOf(url, ask) {
  const redis = new Redis(url);
  const flights = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info("stats"))?.[1]);
  const before = await flights();
  for (let i = 0; i < WATCHED; i++) await ask();
  // One of them is the reading of the count itself.
  const seen = (await flights()) - before - 1;
  const monitor = await redis.monitor();
  let commands = 0;
  // Commands that a script runs are its own affair: their source is "lua".
  monitor.on("monitor", (/** @type {string} */ _, /** @type {string[]} */ __, /** @type {string} */ source) => {
    if (source !== "lua") commands += 1;
  });
  for (let i = 0; i < WATCHED; i++) await ask();
  // What MONITOR tells comes in order, so after this nothing is missing.
  await redis.ping();
  await new Promise((resolve) => setTimeout(resolve, 50));
  monitor.disconnect();
  redis.disconnect();
  return { commands: (commands - 1) / WATCHED, flights: seen / WATCHED };
}

/** @param {string} url */
async function get(url) {
  const answer = await fetch(url, { headers: { token: ACCOUNT_TOKEN } });
  const text = await answer.text();
  if (!answer.ok || !text.includes('"totalMessages":'))
    throw new Error(`${url.slice(0, 80)}: ${answer.status} ${text}`);
}
