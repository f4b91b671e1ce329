import type { Random } from "../support/day.ts";
import { until } from "../support/until.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { contradictoryLoad } from "./shared-message-load.ts";
import type { Load } from "./load.ts";
import { pause } from "./pause.ts";
import type { Standalone } from "./rig.ts";
import { scriptSha1 } from "./script-sha1.ts";

/** A worker commits, and adds to the counters what commits have left there. */
const WRITES = [scriptSha1("commitBatch"), scriptSha1("addPending")];
const STORM_MS_MAX = 300_000;
const TIMES = 6;
const ANSWERS_LOST = 12;
const TIMES_FULL = 3;
/** Longer than a worker waits for an answer, so that it repeats the commit that is held. */
const HELD_MS = 5_000;
/** By then another worker was given the jobs of one that was killed. */
const TAKEN_OVER_MS = 15_000;

/** More than is needed: it is ended before. */
const load = contradictoryLoad(90_000);

/** What happens between the moment a worker has read records and the moment it has its answer that they are stored; three workers. */
export const COMMIT_FAULTS: readonly StandaloneFault[] = [
  {
    name: "commit-conflict-storm",
    load: contradictoryLoad(12_000),
    strike: () => async (_random, storm) => {
      await storm.ended(STORM_MS_MAX);
      return {};
    },
  },
  {
    // What it has decided never arrives.
    name: "commit-held-worker-sigkill",
    load,
    strike: (stage) => async (random) => {
      for (let time = 0; time < TIMES; time++) {
        const { worker, network } = workerOf(stage, time);
        await network.hold(writeOf(time));
        await pause(random(300));
        await worker.end("SIGKILL");
      }
      return { note: `${TIMES} writes were held and given up` };
    },
  },
  {
    // What it has decided arrives when another has done its jobs, or just before.
    name: "commit-late-worker-sigkill",
    load,
    strike: (stage) => async (random) => {
      for (let time = 0; time < TIMES; time++) {
        const { worker, network } = workerOf(stage, time);
        const release = await network.hold(writeOf(time));
        const ended = worker.end("SIGKILL");
        await pause(random(TAKEN_OVER_MS));
        release();
        await ended;
      }
      return { note: `${TIMES} writes arrived when their worker was gone` };
    },
  },
  {
    // The worker takes it for lost and commits again, which overtakes it or not.
    name: "commit-late",
    load,
    strike: (stage) => async (random) => {
      for (let time = 0; time < TIMES; time++) {
        const release = await workerOf(stage, time).network.hold(writeOf(time));
        await pause(random(2 * HELD_MS));
        release();
      }
      return { note: `${TIMES} writes arrived up to ${(2 * HELD_MS) / 1000} s late` };
    },
  },
  {
    name: "commit-answers-lost",
    load,
    strike: (stage) => async (random) => {
      for (let time = 0; time < ANSWERS_LOST; time++) {
        await workerOf(stage, time).network.cutAtAnswer(writeOf(time));
        await pause(random(1_000));
      }
      return { note: `${ANSWERS_LOST} writes were done whose answers were lost` };
    },
  },
  { name: "commit-redis-full", load, strike: redisFull },
];

/** Each worker has read and decided when Redis becomes full. */
function redisFull(stage: Standalone) {
  const { system } = stage.rig;
  const number = async (section: string, field: RegExp) =>
    Number(field.exec(await system.askRedis("INFO", section))?.[1] ?? 0);
  const refusals = async () => number("errorstats", /errorstat_OOM:count=(\d+)/);
  return async (random: Random, { history }: Load) => {
    const before = await refusals();
    for (let time = 0; time < TIMES_FULL; time++) {
      const release = await holdAll(stage, time);
      const used = await number("memory", /used_memory:(\d+)/);
      const refusedBefore = history.refused;
      await system.askRedis("CONFIG", "SET", "maxmemory", String(Math.floor(used * 0.9)));
      release();
      await until("webhooks are refused", () => history.refused > refusedBefore);
      await pause(2_000 + random(4_000));
      await system.askRedis("CONFIG", "SET", "maxmemory", "0");
      const curedAt = Date.now();
      await until("webhooks are accepted", () => history.lastAcceptedSentAt > curedAt, 60_000);
    }
    return { note: `full ${TIMES_FULL} times, ${(await refusals()) - before} commands refused` };
  };
}

/** Hold a write of each worker. @returns releases them */
export async function holdAll({ workerNetworks }: Standalone, time: number): Promise<() => void> {
  const releases: (() => void)[] = [];
  for (const network of workerNetworks) releases.push(await network.hold(writeOf(time)));
  return () => {
    for (const release of releases) release();
  };
}

function writeOf(time: number): string {
  return WRITES[time % WRITES.length] ?? "";
}

function workerOf({ rig, workerNetworks }: Standalone, time: number) {
  const n = time % workerNetworks.length;
  const [worker, network] = [rig.workers[n], workerNetworks[n]];
  if (worker === undefined || network === undefined) throw new Error("each worker has a network of its own");
  return { worker, network };
}
