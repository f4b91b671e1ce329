import { giveUpOnJobs } from "../support/give-up-jobs.ts";
import { until } from "../support/until.ts";
import type { System } from "../system.ts";
import type { StandaloneFault } from "./catalogue.ts";

const BACKLOG = 100_000;
const JOBS_GIVEN_UP = 200;
const LOAD_MS_MAX = 300_000;

/** Repeats, a large backlog, and failed jobs. */
export const QUEUE_FAULTS: readonly StandaloneFault[] = [
  {
    name: "duplicate-storm",
    load: { size: 3_000, copies: 6, webhooksPerSecond: 2_000, connections: 64 },
    inject: () => async (_random, load) => {
      await load.ended(LOAD_MS_MAX);
      return { note: "each webhook was posted six times" };
    },
  },
  {
    name: "backlog-100000",
    load: { size: BACKLOG, webhooksPerSecond: 10_000, connections: 64 },
    inject:
      ({ rig }) =>
      async (_random, load) => {
        await rig.app("worker").kill();
        await load.ended(LOAD_MS_MAX);
        const jobs = await waiting(rig.system);
        const recoveryStartedAt = Date.now();
        await rig.app("worker").start();
        return { recoveryStartedAt, note: `${load.accepted} webhooks in ${jobs} jobs waited for the worker` };
      },
  },
  {
    name: "jobs-given-up",
    inject:
      ({ rig }) =>
      async () => {
        await rig.app("worker").kill();
        await until("jobs are waiting", async () => (await waiting(rig.system)) >= JOBS_GIVEN_UP);
        const jobs = await giveUpOnJobs(rig.system, JOBS_GIVEN_UP);
        const recoveryStartedAt = Date.now();
        await rig.app("worker").start();
        return { recoveryStartedAt, note: `BullMQ gave up on ${jobs} jobs` };
      },
  },
];

async function waiting(system: System): Promise<number> {
  return (await system.prometheus()).value("ticktally_queue_jobs", { state: "waiting" });
}
