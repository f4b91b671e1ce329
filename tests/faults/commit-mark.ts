import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { defineScripts } from "../../packages/redis/src/scripts.ts";

/** What a commit on its way to Redis contains, and nothing else does: the name Redis knows its script by. */
export function commitMark(): string {
  const found: string[] = [];
  const redis = new Redis({ lazyConnect: true });
  redis.defineCommand = (name, { lua }) => {
    if (name === "commitBatch") found.push(createHash("sha1").update(lua).digest("hex"));
  };
  defineScripts(redis);
  const [mark] = found;
  if (mark === undefined) throw new Error("there is no script commitBatch");
  return mark;
}
