import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startRedis } from "../scripts/redis/embedded-redis.mjs";

declare module "vitest" {
  interface ProvidedContext {
    redisUrl: string;
  }
}

/** One real Redis for all tests of a run; each test keeps to keys of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-redis-"));
  const redis = await startRedis({ dir, durability: "fast" });
  project.provide("redisUrl", redis.url);
  return async () => {
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
