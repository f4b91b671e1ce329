import type { App } from "../support/app-process.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { pause } from "./pause.ts";

const APPS: readonly App[] = ["ingest", "worker", "api"];
const TIMES_REPEATED = 5;
/** Longer than a job's lock, so that BullMQ gives the jobs in progress to another. */
const FREEZE_MS = 15_000;

const singly = APPS.flatMap((app) =>
  (["SIGKILL", "SIGTERM"] as const).map((signal): StandaloneFault => ({
    name: `${app}-${signal.toLowerCase()}`,
    strike:
      ({ rig }) =>
      async () => ({ curedAt: await rig.app(app).end(signal) }),
  })),
);

const frozen = APPS.map((app): StandaloneFault => ({
  name: `${app}-frozen-15s`,
  strike:
    ({ rig }) =>
    async () => {
      await rig.app(app).freeze(FREEZE_MS);
      return {};
    },
}));

/** A process of ours that ends, or does nothing for a while, as when its event loop is blocked. */
export const PROCESS_FAULTS: readonly StandaloneFault[] = [
  ...singly,
  {
    // Redis is slow while they are killed, so that the same jobs are in progress each time.
    name: "worker-sigkill-repeated",
    strike:
      ({ rig, network }) =>
      async (random) => {
        network.delayMs = 60;
        for (let time = 0; time < TIMES_REPEATED; time++) {
          await rig.app("worker").end("SIGKILL");
          await pause(100 + random(400));
        }
        network.delayMs = 0;
        return {};
      },
  },
  {
    name: "all-sigkill",
    strike:
      ({ rig }) =>
      async () => ({
        curedAt: Math.max(...(await Promise.all(APPS.map(async (app) => rig.app(app).end("SIGKILL"))))),
      }),
  },
  {
    name: "all-sigterm",
    strike:
      ({ rig }) =>
      async () => ({
        curedAt: Math.max(...(await Promise.all(APPS.map(async (app) => rig.app(app).end("SIGTERM"))))),
      }),
  },
  ...frozen,
];
