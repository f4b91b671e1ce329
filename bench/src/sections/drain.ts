import { BASELINE, contender } from "../contenders/contenders.ts";
import { drainContender, PLAIN_SHARE, WEBHOOKS_A_JOB } from "../contenders/draining.ts";
import { applyAll, batchesOf, eventsOf } from "../load/events.ts";
import { fillOurQueue, fillPlainQueue } from "../stores/fill-queue.ts";
import { ourStore } from "../stores/our-store.ts";
import { inRounds } from "../results/rounds.ts";
import { checkTotals, startContender, untilDrained } from "../contenders/running-contender.ts";
import { startRedisStore } from "../stores/stores.ts";
import { makeTraffic } from "../load/traffic.ts";
import type { Section, Column } from "../section.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";
import type { Traffic } from "../load/traffic.ts";

/** Events in one call of the script, about as many as the worker merges from its jobs. */
const EVENTS_A_CALL = 1000;
const EVENTS_MADE_AT_ONCE = 50_000;

/** A worker starts on a full queue. */
export const drain: Section = {
  name: "drain",
  title: "Draining a full queue",
  run: async ({ isShort, rounds, durability, print }) => {
    const webhooks = isShort ? 100_000 : 1_000_000;
    const limit = { name: "script", title: "limit: the same script called directly" };
    const contenders = [contender("bullmq"), contender("ticktally"), limit];
    const traffic = makeTraffic({ webhooks });
    const beginning = makeTraffic({ webhooks: webhooks * PLAIN_SHARE });
    const measure = async (name: string) => {
      if (name === limit.name) return drainDirectly(traffic, durability);
      const work =
        name === BASELINE
          ? { traffic: beginning, fill: fillPlainQueue }
          : {
              traffic,
              fill: async (url: string, bodies: readonly string[]) => fillOurQueue(url, bodies, WEBHOOKS_A_JOB),
            };
      return drainContender({ startContender, untilDrained, checkTotals }, contender(name), { durability, ...work });
    };
    const table = {
      name: "drain",
      title: `One worker on a queue of ${webhooks.toLocaleString("en-US")} webhooks`,
      how: `Ours in jobs of ${WEBHOOKS_A_JOB} webhooks; the plain one has a tenth as many, one a job; the script takes ${EVENTS_A_CALL} ready-made events a call, two calls under way.`,
      columns: COLUMNS,
      rows: await inRounds(contenders, { rounds: Math.min(rounds, 3), baseline: BASELINE, print, measure }),
    };
    return [table];
  },
};

const COLUMNS: Column[] = [
  { key: "countedPerSecond", label: "counted/s", digits: 0, withRatio: true },
  { key: "workerMicros", label: "worker, CPU µs a webhook", digits: 1 },
  { key: "storeMicros", label: "store, CPU µs a webhook", digits: 1 },
];

async function drainDirectly({ bodies }: Traffic, durability: Durability) {
  const server = await startRedisStore(durability);
  const { redis, store } = ourStore(server.url);
  try {
    const cpuBefore = server.cpuSeconds();
    let [seconds, ownMicros] = [0, 0];
    for (let from = 0; from < bodies.length; from += EVENTS_MADE_AT_ONCE) {
      const batches = batchesOf(eventsOf(bodies.slice(from, from + EVENTS_MADE_AT_ONCE)), EVENTS_A_CALL);
      const [startedAt, own] = [performance.now(), process.cpuUsage()];
      await applyAll(store, batches, 2);
      seconds += (performance.now() - startedAt) / 1000;
      const { user, system } = process.cpuUsage(own);
      ownMicros += user + system;
    }
    return {
      countedPerSecond: bodies.length / seconds,
      workerMicros: ownMicros / bodies.length,
      storeMicros: ((server.cpuSeconds() - cpuBefore) * 1e6) / bodies.length,
    };
  } finally {
    redis.disconnect();
    await server.stop();
  }
}
