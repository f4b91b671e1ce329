import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { defineScripts } from "../../packages/redis/src/scripts.ts";

/** The SHA-1 of one of our scripts, which identifies its calls on the way to Redis. */
export function scriptSha1(script: "commitBatch" | "addPending"): string {
  const hashes = new Map<string, string>();
  const redis = new Redis({ lazyConnect: true });
  redis.defineCommand = (name, { lua }) => {
    hashes.set(name, createHash("sha1").update(lua).digest("hex"));
  };
  defineScripts(redis);
  const hash = hashes.get(script);
  if (hash === undefined) throw new Error(`there is no script ${script}`);
  return hash;
}
