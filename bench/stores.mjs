// The servers that contenders keep their data in, each fresh and private.
import { startRedis } from "../scripts/redis/embedded-redis.mjs";
import { startRedisCluster } from "../scripts/redis/redis-cluster.mjs";
import { endWithRun, hasEnded, temporaryFolder } from "./cleanup.mjs";
import { startPostgres } from "./postgres.mjs";
import { cpuSeconds } from "./processes.mjs";

/** @typedef {"redis" | "postgres" | { masters: number }} StoreKind of a Redis Cluster, how many masters */
/** @typedef {import("../scripts/redis/embedded-redis.mjs").Durability} Durability */
/**
 * @typedef {object} Store
 * @property {string} url
 * @property {() => number} cpuSeconds used by the server so far
 * @property {() => Promise<void>} stop and forget its data
 */

/** @param {StoreKind} kind @param {Durability} durability @returns {Promise<Store>} */
export async function startStore(kind, durability) {
  if (kind === "postgres") return startPostgres(durability);
  return kind === "redis" ? startRedisStore(durability) : startClusterStore(kind.masters, durability);
}

/** @param {number} masters @param {Durability} durability @returns {Promise<Store>} */
async function startClusterStore(masters, durability) {
  const folder = await temporaryFolder();
  const cluster = await startRedisCluster({ dir: folder.path, masters, durability, onStart: endWithRun });
  return {
    url: cluster.url,
    cpuSeconds: () => cluster.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    stop: async () => {
      await cluster.stop();
      cluster.pids.forEach(hasEnded);
      await folder.remove();
    },
  };
}

/** @param {Durability} durability */
export async function startRedisStore(durability) {
  const folder = await temporaryFolder();
  const server = await startRedis({ dir: folder.path, durability });
  endWithRun(server.pid);
  return {
    url: server.url,
    pid: server.pid,
    cpuSeconds: () => cpuSeconds(server.pid),
    stop: async () => {
      // Its data is not wanted, so it need not be flushed.
      await server.kill9();
      hasEnded(server.pid);
      await server.stop();
      await folder.remove();
    },
  };
}
