import { askRedis } from "../../scripts/redis-wire.mjs";
import { until } from "../support/until.ts";
import type { Scenario } from "./catalogue.ts";
import { startCluster, startSentinels, type Group } from "./redis-group.ts";
import { underLoad, type Strike } from "./trial.ts";

const TIMES_PROMOTED = 4;

/** Redis replicates asynchronously: what the replica had not received is gone, and posting it again must make it good. */
function failover(
  name: string,
  start: () => Promise<Group>,
  strike: (group: Group) => Strike,
  { end = noEnd, mayLose = true }: { readonly end?: (group: Group) => void; readonly mayLose?: boolean } = {},
): Scenario {
  return {
    name,
    run: async (seed) => {
      const group = await start();
      try {
        return await underLoad(group.rig, { fault: name, seed, mayLose }, strike(group));
      } finally {
        end(group);
        await group.rig.stop();
      }
    },
  };
}

const noEnd = (_group: Group): void => undefined;

const killed =
  ({ master }: Group): Strike =>
  async () => {
    const curedAt = Date.now();
    await master.kill9();
    return { curedAt };
  };

/** Its connections stand: nobody is told that it does nothing any more. */
const frozen =
  ({ master }: Group): Strike =>
  async () => {
    process.kill(master.pid, "SIGSTOP");
    return Promise.resolve({ curedAt: Date.now() });
  };

/** Its replica takes its place in agreement with it, as for maintenance, and it takes its place back, several times. */
const promoted =
  ({ master, replica }: Group): Strike =>
  async (random, load) => {
    for (let time = 0; time < TIMES_PROMOTED; time++) {
      const next = time % 2 === 0 ? replica : master;
      const ask = async (...command: readonly string[]) => askRedis({ port: next.port, password: "" }, [command]);
      await until("it is in step", async () => (await ask("INFO")).includes("master_link_status:up"));
      await ask("CLUSTER", "FAILOVER");
      await until("it is the master", async () => (await ask("INFO")).includes("role:master"));
      await load.acceptsMore(500 + random(1_000), 60_000);
    }
    return { note: `the master changed ${TIMES_PROMOTED} times` };
  };

const startWithThreeWorkers = async () => startCluster({ workers: 3 });

const thaw = ({ master }: Group): void => {
  process.kill(master.pid, "SIGCONT");
};

export const FAILOVER_SCENARIOS: readonly Scenario[] = [
  failover("sentinel-master-killed", startSentinels, killed),
  failover("sentinel-master-frozen", startSentinels, frozen, { end: thaw }),
  failover("cluster-master-killed", startCluster, killed),
  failover("cluster-master-frozen", startCluster, frozen, { end: thaw }),
  failover("cluster-three-workers-master-killed", startWithThreeWorkers, killed),
  failover("cluster-three-workers-replica-promoted", startWithThreeWorkers, promoted, { mayLose: false }),
];
