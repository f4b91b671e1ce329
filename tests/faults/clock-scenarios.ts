import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "./catalogue.ts";
import { startStandalone } from "./rig.ts";
import { underLoad } from "./trial.ts";

/** Debian keeps it in a folder named after the machine's architecture. */
const LIBRARIES = "/usr/lib";

/** The worker's machine has another time than all the others. */
function clockOff(name: string, offset: string): Scenario {
  return {
    name,
    lacks: () => (library() === undefined ? "libfaketime is not there (Debian: faketime)" : undefined),
    run: async (seed) => {
      const stage = await startStandalone();
      try {
        return await underLoad(stage.rig, { fault: name, seed }, async (_random, load) => {
          await stage.rig.app("worker").kill();
          await stage.rig.app("worker").start({ LD_PRELOAD: library(), FAKETIME: offset });
          await load.acceptsMore(2_000, 60_000);
          // It dies as well: who takes over its jobs goes by the clock, too.
          return { curedAt: await stage.rig.app("worker").end("SIGKILL") };
        });
      } finally {
        await stage.rig.stop();
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
