import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startRedis } from "../scripts/redis/embedded-redis.mjs";

declare module "vitest" {
  interface ProvidedContext {
    redisUrl: string;
    /** The temporary folder of this run. */
    runDir: string;
  }
}

/** One real Redis and one folder for all tests of a run; each test uses its own keys and files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-tests-"));
  const redis = await startRedis({ dir: join(dir, "redis"), durability: "fast" });
  project.provide("redisUrl", redis.url);
  project.provide("runDir", dir);
  return async () => {
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
