import type { Random } from "../support/day.ts";
import { until } from "../support/until.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { contradictoryLoad } from "./shared-message-load.ts";
import type { Load } from "./load.ts";
import { pause } from "./pause.ts";
import type { Standalone } from "./rig.ts";
import { scriptSha1 } from "./script-sha1.ts";

/** The two writes of a worker: it commits batches, and later adds their pending changes to the counters. */
const WRITES = [scriptSha1("commitBatch"), scriptSha1("addPending")];
const STORM_MS_MAX = 300_000;
const TIMES = 6;
const ANSWERS_LOST = 12;
const TIMES_FULL = 3;
/** Longer than a worker waits for an answer, so that it repeats the held commit. */
const HELD_MS = 5_000;
/** After this time another worker has taken over the jobs of a killed one. */
const TAKEN_OVER_MS = 15_000;

/** More webhooks than are needed; the load is ended before. */
const load = contradictoryLoad(90_000);

/** Faults between the moment a worker has read records and the moment it knows that they are stored. With three workers. */
export const COMMIT_FAULTS: readonly StandaloneFault[] = [
  {
    name: "commit-conflict-storm",
    load: contradictoryLoad(12_000),
    inject: () => async (_random, storm) => {
      await storm.ended(STORM_MS_MAX);
      return {};
    },
  },
  {
    // The worker's write never arrives.
    name: "commit-held-worker-sigkill",
    load,
    inject: (setup) => async (random) => {
      for (let time = 0; time < TIMES; time++) {
        const { worker, network } = workerOf(setup, time);
        await network.hold(writeOf(time));
        await pause(random(300));
        await worker.end("SIGKILL");
      }
      return { note: `${TIMES} writes were held and never arrived` };
    },
  },
  {
    // The worker's write arrives after another worker has done its jobs, or just before.
    name: "commit-late-worker-sigkill",
    load,
    inject: (setup) => async (random) => {
      for (let time = 0; time < TIMES; time++) {
        const { worker, network } = workerOf(setup, time);
        const release = await network.hold(writeOf(time));
        const ended = worker.end("SIGKILL");
        await pause(random(TAKEN_OVER_MS));
        release();
        await ended;
      }
      return { note: `${TIMES} writes arrived after their worker had ended` };
    },
  },
  {
    // The worker repeats the write after its time-out; the repeat may arrive before the original.
    name: "commit-late",
    load,
    inject: (setup) => async (random) => {
      for (let time = 0; time < TIMES; time++) {
        const release = await workerOf(setup, time).network.hold(writeOf(time));
        await pause(random(2 * HELD_MS));
        release();
      }
      return { note: `${TIMES} writes arrived up to ${(2 * HELD_MS) / 1000} s late` };
    },
  },
  {
    name: "commit-answers-lost",
    load,
    inject: (setup) => async (random) => {
      for (let time = 0; time < ANSWERS_LOST; time++) {
        await workerOf(setup, time).network.cutAtAnswer(writeOf(time));
        await pause(random(1_000));
      }
      return { note: `${ANSWERS_LOST} writes were executed, and their answers were lost` };
    },
  },
  { name: "commit-redis-full", load, inject: redisFull },
];

/** Redis becomes full after each worker has read records and before it writes. */
function redisFull(setup: Standalone) {
  const { system } = setup.rig;
  const number = async (section: string, field: RegExp) =>
    Number(field.exec(await system.askRedis("INFO", section))?.[1] ?? 0);
  const refusals = async () => number("errorstats", /errorstat_OOM:count=(\d+)/);
  return async (random: Random, { history }: Load) => {
    const before = await refusals();
    for (let time = 0; time < TIMES_FULL; time++) {
      const release = await holdAll(setup, time);
      const used = await number("memory", /used_memory:(\d+)/);
      const refusedBefore = history.refused;
      await system.askRedis("CONFIG", "SET", "maxmemory", String(Math.floor(used * 0.9)));
      release();
      await until("webhooks are refused", () => history.refused > refusedBefore);
      await pause(2_000 + random(4_000));
      await system.askRedis("CONFIG", "SET", "maxmemory", "0");
      const recoveryStartedAt = Date.now();
      await until("webhooks are accepted", () => history.lastAcceptedSentAt > recoveryStartedAt, 60_000);
    }
    return { note: `full ${TIMES_FULL} times, ${(await refusals()) - before} commands refused` };
  };
}

/** Hold back a write of each worker. @returns releases them */
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
  if (worker === undefined || network === undefined) throw new Error("each worker needs its own network");
  return { worker, network };
}
