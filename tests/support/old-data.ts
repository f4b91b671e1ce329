import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { freePort } from "./free-port.ts";
import { restoreLayout1 } from "./layout-1.ts";
import { startOwnRedis, type OwnRedis } from "./own-redis.ts";

/** A folder of this run, from the first test on. */
export let dir = "";
const started: { redis: OwnRedis; client: Redis }[] = [];

export async function emptyRedis() {
  const redis = await startOwnRedis({
    dir: join(dir, String(started.length)),
    durability: "fast",
    port: await freePort(),
  });
  const client = new Redis(redis.url, { connectionName: "ticktally" });
  started.push({ redis, client });
  return { redis, client };
}

/** One with what version 0.1 stored. */
export async function oldRedis() {
  const own = await emptyRedis();
  await restoreLayout1(own.client);
  return own;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ticktally-upgrade-"));
});
afterAll(async () => {
  for (const { client, redis } of started) {
    client.disconnect();
    await redis.stop();
  }
  await rm(dir, { recursive: true, force: true });
});
