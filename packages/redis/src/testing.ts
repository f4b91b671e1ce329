import { inject } from "vitest";
import { connect, type ConnectionRole, type RedisClient, type RedisTarget } from "./connection.ts";
import { Keys } from "./keys.ts";

/** The Redis that the test run started, see `tests/redis-server.ts`. */
function testTarget(): RedisTarget {
  return { url: inject("redisUrl"), cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 };
}

export function testConnection(role: ConnectionRole): RedisClient {
  return connect(testTarget(), role, (error) => {
    throw error;
  });
}

/** Resolves when all of them can be used, those too that could before. */
export async function connected(...connections: readonly RedisClient[]): Promise<void> {
  for (const redis of connections)
    if (redis.status !== "ready") await new Promise((resolve) => redis.once("ready", resolve));
}

/** Keys that no other test uses. */
export function testKeys(): Keys {
  return new Keys(`test-${crypto.randomUUID()}`);
}
