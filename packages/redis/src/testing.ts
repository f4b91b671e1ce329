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

/** Keys that no other test uses. */
export function testKeys(): Keys {
  return new Keys(`test-${crypto.randomUUID()}`);
}
