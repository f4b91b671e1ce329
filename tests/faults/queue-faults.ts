import type { StandaloneFault } from "./catalogue.ts";

const BACKLOG = 100_000;
const LOAD_MS_MAX = 300_000;

/** More comes than is usual, or all at once. */
export const QUEUE_FAULTS: readonly StandaloneFault[] = [
  {
    name: "duplicate-storm",
    load: { size: 3_000, copies: 6, webhooksPerSecond: 2_000, connections: 64 },
    strike: () => async (_random, load) => {
      await load.ended(LOAD_MS_MAX);
      return { note: "each webhook came six times" };
    },
  },
  {
    name: "backlog-100000",
    load: { size: BACKLOG, webhooksPerSecond: 10_000, connections: 64 },
    strike:
      ({ rig }) =>
      async (_random, load) => {
        await rig.app("worker").kill();
        await load.ended(LOAD_MS_MAX);
        const samples = await rig.system.prometheus();
        const jobs = samples.value("ticktally_queue_jobs", { state: "waiting" });
        const curedAt = Date.now();
        await rig.app("worker").start();
        return { curedAt, note: `${load.accepted} webhooks in ${jobs} jobs waited for the worker` };
      },
  },
];
