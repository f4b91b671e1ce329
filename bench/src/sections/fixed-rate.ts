import { BASELINE, contender } from "../contenders/contenders.ts";
import { requestsOf } from "../load/load.ts";
import { postOnSchedule } from "../load/open-loop.ts";
import { inRounds } from "../results/rounds.ts";
import { checkTotals, startContender, untilDrained } from "../contenders/running-contender.ts";
import { scheduleFor } from "../load/schedule.ts";
import { makeTraffic } from "../load/traffic.ts";
import { measureOne, trafficFor } from "./end-to-end.ts";
import type { Section, Column } from "../section.ts";
import type { Schedule } from "../load/schedule.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";
import type { Traffic } from "../load/traffic.ts";

const CONNECTIONS = 64;
/** The share of the plain design's sustained rate: busy, but without a growing queue. */
const SHARE = 0.7;

/**
 * The time until a webhook is acknowledged when all designs get the same load. At full load, latency is just connections divided by rate, so it
 * adds little to the rate.
 */
export const fixedRate: Section = {
  name: "fixed-rate",
  title: "Acknowledgement at a fixed rate",
  run: async ({ rounds, durability, seconds, print }) => {
    const full = { traffic: trafficFor(seconds), seconds, connections: CONNECTIONS, durability };
    const { countedPerSecond: sustained } = await measureOne(BASELINE, full);
    const perSecond = SHARE * sustained;
    print(`${BASELINE} sustains ${Math.round(sustained)}/s; the fixed rate is ${Math.round(perSecond)}/s`);
    const schedule = scheduleFor(perSecond, seconds);
    const traffic = makeTraffic({ webhooks: 2 * schedule.count });
    const measure = async (name: string) => measureAt(schedule, name, traffic, durability);
    const table = {
      name: "fixed-rate",
      title: `Acknowledgement at ${Math.round(perSecond).toLocaleString("en-US")} webhooks a second`,
      how: `${100 * SHARE} % of the ${Math.round(sustained).toLocaleString("en-US")} a second that ${BASELINE} counted just before with ${CONNECTIONS} connections. Open loop: requests start on schedule whether or not earlier ones were answered, and latency is counted from the scheduled start. ${seconds} s a round after as many unmeasured at the same rate.`,
      columns: COLUMNS,
      rows: await inRounds([contender(BASELINE), contender("ticktally")], {
        rounds,
        baseline: BASELINE,
        print,
        measure,
      }),
    };
    return [table];
  },
};

const COLUMNS: Column[] = [
  { key: "ackP50Ms", label: "ack p50, ms", digits: 2, withRatio: true },
  { key: "ackP99Ms", label: "ack p99, ms", digits: 2, withRatio: true },
  { key: "ackMaxMs", label: "ack max, ms", digits: 1, withRatio: true },
  { key: "startedLateP99Ms", label: "of it: started late, p99, ms", digits: 2 },
  { key: "connectionsMost", label: "connections needed", digits: 0 },
  { key: "loadMicros", label: "load generator, CPU µs", digits: 0 },
];

/** @param traffic twice the schedule */
async function measureAt(schedule: Schedule, name: string, { bodies, totals }: Traffic, durability: Durability) {
  const running = await startContender(contender(name), { durability });
  try {
    const requests = requestsOf(running.endpoint, bodies);
    const options = { port: running.endpoint.port, schedule, connections: CONNECTIONS };
    const first = await postOnSchedule({ ...options, requests: requests.slice(0, schedule.count) });
    const load = await postOnSchedule({ ...options, requests: requests.slice(schedule.count) });
    if (first.refused + load.refused > 0) throw new Error(`${name} refused ${first.refused + load.refused} webhooks`);
    await untilDrained(running);
    await checkTotals(name, running, totals);
    return {
      ackP50Ms: load.latencies.p50,
      ackP99Ms: load.latencies.p99,
      ackMaxMs: load.latencies.max,
      startedLateP99Ms: load.startedLateP99,
      connectionsMost: load.connectionsMost,
      loadMicros: (load.cpuSeconds * 1e6) / load.accepted,
    };
  } finally {
    await running.stop();
  }
}
