import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { freePort } from "./free-port.ts";
import { restoreLayout1 } from "./layout-1.ts";
import { startOwnRedis, type OwnRedis } from "./own-redis.ts";

const started: { redis: OwnRedis; client: Redis }[] = [];

/** Start an empty Redis. {@link stopAll} stops it. */
export async function emptyRedis() {
  const dir = await mkdtemp(join(inject("runDir"), "redis-"));
  const redis = await startOwnRedis({ dir, durability: "fast", port: await freePort() });
  const client = new Redis(redis.url, { connectionName: "ticktally" });
  started.push({ redis, client });
  return { redis, client };
}

/** Start a Redis with the data of version 0.1. {@link stopAll} stops it. */
export async function oldRedis() {
  const own = await emptyRedis();
  await restoreLayout1(own.client);
  return own;
}

/** Stop every Redis that this file has started. */
export async function stopAll(): Promise<void> {
  for (const { client, redis } of started.splice(0)) {
    client.disconnect();
    await redis.stop();
  }
}
