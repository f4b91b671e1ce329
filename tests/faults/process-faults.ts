import type { App } from "../support/app-process.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { pause } from "./pause.ts";

const APPS: readonly App[] = ["ingest", "worker", "api"];
const TIMES_REPEATED = 5;
/** Longer than a job's lock, so that BullMQ gives the jobs in progress to another worker. */
const FREEZE_MS = 15_000;

const singly = APPS.flatMap((app) =>
  (["SIGKILL", "SIGTERM"] as const).map((signal): StandaloneFault => ({
    name: `${app}-${signal.toLowerCase()}`,
    inject:
      ({ rig }) =>
      async () => ({ recoveryStartedAt: await rig.app(app).end(signal) }),
  })),
);

const frozen = APPS.map((app): StandaloneFault => ({
  name: `${app}-frozen-15s`,
  inject:
    ({ rig }) =>
    async () => {
      await rig.app(app).freeze(FREEZE_MS);
      return {};
    },
}));

/** One of our processes ends, or freezes as when its event loop is blocked. */
export const PROCESS_FAULTS: readonly StandaloneFault[] = [
  ...singly,
  {
    // Redis is slow meanwhile, so that the same jobs are in progress at each kill.
    name: "worker-sigkill-repeated",
    inject:
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
    inject:
      ({ rig }) =>
      async () => ({
        recoveryStartedAt: Math.max(...(await Promise.all(APPS.map(async (app) => rig.app(app).end("SIGKILL"))))),
      }),
  },
  {
    name: "all-sigterm",
    inject:
      ({ rig }) =>
      async () => ({
        recoveryStartedAt: Math.max(...(await Promise.all(APPS.map(async (app) => rig.app(app).end("SIGTERM"))))),
      }),
  },
  ...frozen,
];
