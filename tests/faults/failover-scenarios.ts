import { askRedis } from "../../scripts/redis/redis-wire.mjs";
import { until } from "../support/until.ts";
import type { OwnRedis } from "../support/own-redis.ts";
import type { Scenario, StandaloneFault } from "./catalogue.ts";
import { INCREASING_LOAD } from "./shared-message-load.ts";
import { startCluster, startSentinels, type Group } from "./redis-group.ts";
import { underLoad, type Injection } from "./trial.ts";

const TIMES_PROMOTED = 3;
const PROMOTED_WITHIN_MS = 6_000;
const PROMOTED_MS_MAX = 60_000;

/** Redis replicates asynchronously: writes that the replica had not received are lost, and posting the webhooks again must restore the counts. */
function failover(
  name: string,
  start: () => Promise<Group>,
  inject: (group: Group) => Injection,
  { end = noEnd, mayLose = true, load = {} }: FailoverOptions = {},
): Scenario {
  return {
    name,
    run: async (seed) => {
      const group = await start();
      try {
        return await underLoad(group.rig, { fault: name, seed, mayLose, ...load }, inject(group));
      } finally {
        end(group);
        await group.rig.stop();
      }
    },
  };
}

interface FailoverOptions {
  readonly end?: (group: Group) => void;
  readonly mayLose?: boolean;
  readonly load?: StandaloneFault["load"];
}

const noEnd = (_group: Group): void => undefined;

const killed =
  ({ master }: Group): Injection =>
  async () => {
    const recoveryStartedAt = Date.now();
    await master.kill9();
    return { recoveryStartedAt };
  };

/** A frozen master keeps its connections open, so no client notices at once. */
const frozen =
  ({ master }: Group): Injection =>
  async () => {
    process.kill(master.pid, "SIGSTOP");
    return Promise.resolve({ recoveryStartedAt: Date.now() });
  };

/** Master and replica switch roles several times by a planned failover, as for maintenance: nothing may be lost. */
const promoted =
  ({ master, replica }: Group): Injection =>
  async (random, load) => {
    for (let time = 0; time < TIMES_PROMOTED; time++) {
      await promote(time % 2 === 0 ? replica : master);
      await load.acceptsMore(500 + random(1_000), 60_000);
    }
    return { note: `the master changed ${TIMES_PROMOTED} times` };
  };

/**
 * The failover is requested again when it did not happen: a replica that does not catch up within 5 s gives up, and masters vote only once in two
 * node timeouts (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/).
 */
async function promote({ port }: OwnRedis): Promise<void> {
  const ask = async (...command: readonly string[]) => askRedis({ port, password: "" }, [command]);
  let askedAt = 0;
  await until(
    `the replica at port ${port} is the master`,
    async () => {
      const info = await ask("INFO", "replication");
      if (info.includes("role:master")) return true;
      if (info.includes("master_link_status:up") && askedAt < Date.now() - PROMOTED_WITHIN_MS) {
        await ask("CLUSTER", "FAILOVER");
        askedAt = Date.now();
      }
      return false;
    },
    PROMOTED_MS_MAX,
  );
}

const startWithThreeWorkers = async () => startCluster({ workers: 3 });
/** On a busy machine a master may be silent for seconds; that must not cause an unplanned failover. */
const startSlowToFailOver = async () => startCluster({ workers: 3, nodeTimeoutMs: 5_000 });

const thaw = ({ master }: Group): void => {
  process.kill(master.pid, "SIGCONT");
};

export const FAILOVER_SCENARIOS: readonly Scenario[] = [
  failover("sentinel-master-killed", startSentinels, killed),
  failover("sentinel-master-frozen", startSentinels, frozen, { end: thaw }),
  failover("cluster-master-killed", startCluster, killed),
  failover("cluster-master-frozen", startCluster, frozen, { end: thaw }),
  failover("cluster-three-workers-master-killed", startWithThreeWorkers, killed, { load: INCREASING_LOAD }),
  failover("cluster-three-workers-replica-promoted", startSlowToFailOver, promoted, {
    load: INCREASING_LOAD,
    mayLose: false,
  }),
];
