import { join } from "node:path";
import { runBackupTool } from "../support/backup-tool.ts";
import { until } from "../support/until.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { holdAll } from "./commit-faults.ts";
import { INCREASING_LOAD } from "./shared-message-load.ts";
import { pause } from "./pause.ts";
import type { Standalone } from "./rig.ts";

const TIMES = 4;
const INSTANCES = 2;
/** Workers cache for ten seconds that an instance is registered. */
const RECREATED_MS_MAX = 60_000;

/** An instance's data is deleted or replaced after workers have read it and before they commit. With three workers. */
export const DATA_REMOVAL_FAULTS: readonly StandaloneFault[] = [
  {
    name: "instance-deleted",
    load: INCREASING_LOAD,
    inject: (setup) => async (random, load) => {
      const instances = load.instances.slice(0, INSTANCES);
      let atMs = 0;
      for (let time = 0; time < TIMES; time++) {
        const release = await holdAll(setup, time);
        for (const instance of instances) await deleted(setup, instance);
        atMs = Date.now();
        await pause(random(300));
        release();
        await load.acceptsMore(1_000 + random(1_000), 60_000);
      }
      await recreated(setup, instances);
      return { reset: { instances, atMs }, note: `${INSTANCES} instances deleted ${TIMES} times` };
    },
  },
  {
    name: "instance-restored",
    load: INCREASING_LOAD,
    inject: (setup) => async (random, load) => {
      const instances = load.instances.slice(0, INSTANCES);
      const file = join(setup.dir, "..", "export");
      const { redisUrl: url } = setup.rig.system;
      const args = instances.flatMap((instance) => ["--instance", instance]);
      let [atMs, repeats] = [0, 0];
      for (let time = 0; time < TIMES; time++) {
        const { exitCode, output } = await runBackupTool("export", { url, file, args });
        if (exitCode !== 0) throw new Error(output);
        await load.acceptsMore(1_000 + random(1_000), 60_000);
        const release = await holdAll(setup, time);
        repeats += await restored(url, file);
        atMs = Date.now();
        await pause(random(300));
        release();
      }
      await load.acceptsMore(1_000, 60_000);
      await recreated(setup, instances);
      const note = `${INSTANCES} instances restored to an earlier state ${TIMES} times, ${repeats} imports repeated`;
      return { reset: { instances, atMs }, note };
    },
  },
];

/** Delete an instance. It may not exist yet when it was deleted a moment ago. */
async function deleted({ rig }: Standalone, instance: string): Promise<void> {
  await until("the instance is deleted", async () => {
    const { status, text } = await rig.system.send("DELETE", `/instances/${instance}`);
    if (status !== 200 && status !== 404) throw new Error(`the instance was not deleted: ${status} ${text}`);
    return status === 200;
  });
}

/** Import an export. The import fails, and asks for a repeat, when a worker registers the instance meanwhile. @returns the number of failures */
async function restored(url: string, file: string): Promise<number> {
  let failures = 0;
  await until("the export is imported", async () => {
    const { exitCode, output } = await runBackupTool("import", { url, file, args: ["--replace", "--running"] });
    if (exitCode === 0) return true;
    if (!output.includes("import again")) throw new Error(output);
    failures += 1;
    return false;
  });
  return failures;
}

async function recreated({ rig }: Standalone, instances: readonly string[]): Promise<void> {
  for (const instance of instances)
    await until(
      "the instance exists again",
      async () => (await rig.system.get(`/metrics/${instance}`)).status === 200,
      RECREATED_MS_MAX,
    );
}
