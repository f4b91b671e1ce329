import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "./catalogue.ts";
import { startStandalone } from "./rig.ts";
import { underLoad } from "./trial.ts";

/** Debian installs libfaketime in a folder named after the machine's architecture. */
const LIBRARIES = "/usr/lib";

/** The clock of the worker's machine differs from all others. */
function clockOff(name: string, offset: string): Scenario {
  return {
    name,
    lacks: () => (library() === undefined ? "libfaketime is not installed (Debian: faketime)" : undefined),
    run: async (seed) => {
      const setup = await startStandalone();
      try {
        return await underLoad(setup.rig, { fault: name, seed }, async (_random, load) => {
          await setup.rig.app("worker").kill();
          await setup.rig.app("worker").start({ LD_PRELOAD: library(), FAKETIME: offset });
          await load.acceptsMore(2_000, 60_000);
          // The worker is killed as well, because taking over its jobs also depends on the clock.
          return { recoveryStartedAt: await setup.rig.app("worker").end("SIGKILL") };
        });
      } finally {
        await setup.rig.stop();
      }
    },
  };
}

function library(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  const folders = ["", ...readdirSync(LIBRARIES)];
  return folders
    .map((folder) => join(LIBRARIES, folder, "faketime", "libfaketime.so.1"))
    .find((path) => existsSync(path));
}

export const CLOCK_SCENARIOS: readonly Scenario[] = [
  clockOff("worker-clock-2h-ahead", "+2h"),
  clockOff("worker-clock-2h-behind", "-2h"),
];
