import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { defineScripts } from "../../packages/redis/src/scripts.ts";

/** What a call of one of our scripts contains on its way to Redis, and nothing else does: the SHA-1 that Redis knows it by. */
export function scriptSha1(script: "commitBatch" | "addPending"): string {
  const marks = new Map<string, string>();
  const redis = new Redis({ lazyConnect: true });
  redis.defineCommand = (name, { lua }) => {
    marks.set(name, createHash("sha1").update(lua).digest("hex"));
  };
  defineScripts(redis);
  const mark = marks.get(script);
  if (mark === undefined) throw new Error(`there is no script ${script}`);
  return mark;
}
