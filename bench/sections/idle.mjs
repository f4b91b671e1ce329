import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { BASELINE, contender } from "../contenders.mjs";
import { post, requestsOf } from "../load.mjs";
import { inRounds } from "../rounds.mjs";
import { checkTotals, startContender, untilDrained } from "../running-contender.mjs";
import { quantile } from "../statistics.mjs";
import { makeTraffic } from "../traffic.mjs";

const WEBHOOKS_PER_SECOND = 50;
const WARM_UP = 100;

/** What a quiet hour feels like: a webhook every 20 ms, and beside each the least that safety costs. @type {import("../section.mjs").Section} */
export const idle = {
  name: "idle",
  title: "Idle load",
  run: async ({ isShort, rounds, durability, print }) => {
    const webhooks = WEBHOOKS_PER_SECOND * (isShort ? 6 : 20);
    const contenders = [contender("bullmq"), contender("ticktally"), contender("ours-inline")];
    const measure = async (/** @type {string} */ name) => measureOne(name, webhooks, durability);
    const table = {
      name: "idle",
      title: `${WEBHOOKS_PER_SECOND} webhooks a second`,
      how: `${webhooks} webhooks a round, one connection, and half-way between two of them one SET, fsynced as everything is, from the load generator.`,
      columns: COLUMNS,
      rows: await inRounds(contenders, { rounds, baseline: BASELINE, print, measure }),
    };
    return [table];
  },
};

/** @type {import("../section.mjs").Column[]} */
const COLUMNS = [
  { key: "ackP50Ms", label: "ack p50, ms", digits: 2, withRatio: true },
  { key: "ackP99Ms", label: "ack p99, ms", digits: 2, withRatio: true },
  { key: "setP50Ms", label: "SET p50, ms", digits: 2 },
  { key: "setP99Ms", label: "SET p99, ms", digits: 2 },
  { key: "ackOfSet", label: "ack p50 ÷ SET p50", digits: 2 },
];

/** @param {string} name @param {number} webhooks @param {import("../stores.mjs").Durability} durability */
async function measureOne(name, webhooks, durability) {
  const { bodies, totals } = makeTraffic({ webhooks: webhooks + WARM_UP });
  const running = await startContender(contender(name), { durability });
  const redis = new Redis(running.storeUrl);
  try {
    const requests = requestsOf(running.door, bodies);
    const { port } = running.door;
    await post({ port, requests: requests.slice(0, WARM_UP), connections: 1 });
    const sets = new Float64Array(webhooks);
    const pauses = { intervalMs: 1000 / WEBHOOKS_PER_SECOND };
    let [isPosting, n] = [true, 0];
    const posting = post({ port, requests: requests.slice(WARM_UP), connections: 1, ...pauses });
    const setting = (async () => {
      await delay(pauses.intervalMs / 2);
      for (const startedAt = performance.now(); isPosting && n < webhooks; n++) {
        await delay(startedAt + n * pauses.intervalMs - performance.now());
        const sentAt = performance.now();
        await redis.set("bench", n);
        sets[n] = performance.now() - sentAt;
      }
    })();
    const { latenciesMs, refused } = await posting;
    isPosting = false;
    await setting;
    if (refused > 0) throw new Error(`${name} refused ${refused} webhooks`);
    await untilDrained(running);
    await checkTotals(name, running, totals);
    const setsMs = sets.subarray(0, n).sort();
    const [ackP50Ms, setP50Ms] = [quantile(latenciesMs, 0.5), quantile(setsMs, 0.5)];
    return {
      ackP50Ms,
      ackP99Ms: quantile(latenciesMs, 0.99),
      setP50Ms,
      setP99Ms: quantile(setsMs, 0.99),
      ackOfSet: ackP50Ms / setP50Ms,
    };
  } finally {
    redis.disconnect();
    await running.stop();
  }
}
