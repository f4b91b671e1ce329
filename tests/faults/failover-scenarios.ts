import type { Scenario } from "./catalogue.ts";
import { startCluster, startSentinels, type Group } from "./redis-group.ts";
import { underLoad, type Strike } from "./trial.ts";

/** Redis replicates asynchronously: what the replica had not received is gone, and posting it again must make it good. */
function failover(name: string, start: () => Promise<Group>, strike: (group: Group) => Strike, end = noEnd): Scenario {
  return {
    name,
    run: async (seed) => {
      const group = await start();
      try {
        return await underLoad(group.rig, { fault: name, seed, mayLose: true }, strike(group));
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

const thaw = ({ master }: Group): void => {
  process.kill(master.pid, "SIGCONT");
};

export const FAILOVER_SCENARIOS: readonly Scenario[] = [
  failover("sentinel-master-killed", startSentinels, killed),
  failover("sentinel-master-frozen", startSentinels, frozen, thaw),
  failover("cluster-master-killed", startCluster, killed),
  failover("cluster-master-frozen", startCluster, frozen, thaw),
];
