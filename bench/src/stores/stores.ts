// The servers for the data of contenders, each new and private.
import { startRedis } from "../../../scripts/redis/embedded-redis.mjs";
import { startRedisCluster } from "../../../scripts/redis/redis-cluster.mjs";
import { endWithRun, hasEnded, temporaryFolder } from "../processes/cleanup.ts";
import { startPostgres } from "./postgres.ts";
import { cpuSeconds } from "../processes/processes.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";

/** `masters`: a Redis Cluster with that many masters. */
export type StoreKind = "redis" | "postgres" | { masters: number };
export interface Store {
  url: string;
  /** CPU seconds used by the server so far */
  cpuSeconds: () => number;
  /** stops the server and removes its data */
  stop: () => Promise<void>;
}

export async function startStore(kind: StoreKind, durability: Durability): Promise<Store> {
  if (kind === "postgres") return startPostgres(durability);
  return kind === "redis" ? startRedisStore(durability) : startClusterStore(kind.masters, durability);
}

async function startClusterStore(masters: number, durability: Durability): Promise<Store> {
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

export async function startRedisStore(durability: Durability) {
  const folder = await temporaryFolder();
  const server = await startRedis({ dir: folder.path, durability });
  endWithRun(server.pid);
  return {
    url: server.url,
    pid: server.pid,
    cpuSeconds: () => cpuSeconds(server.pid),
    stop: async () => {
      // The data is not needed, so it is not flushed.
      await server.kill9();
      hasEnded(server.pid);
      await server.stop();
      await folder.remove();
    },
  };
}
