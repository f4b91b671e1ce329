import { valueAnswer, valuesAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { readKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS } from "../keys.ts";

/** The keys that change whenever something of an instance is counted. */
export interface InstanceRoot {
  /** META, field and value in turn. */
  readonly meta: readonly Buffer[];
  /** Empty for none. */
  readonly counts: Buffer;
  readonly retracted: Buffer;
  readonly pending: Buffer;
}

/** Their state at one moment. */
export async function readRoot(redis: RedisClient, root: string): Promise<InstanceRoot> {
  const { META, COUNTS, RETRACTED, PENDING } = INSTANCE_KEYS;
  const [meta, ...strings] = await readKeys(redis, root, [
    ["HGETALL", root + META],
    ["GET", root + COUNTS],
    ["GET", root + RETRACTED],
    ["GET", root + PENDING],
  ]);
  const [counts = NOTHING, retracted = NOTHING, pending = NOTHING] = strings.map((one) => valueAnswer.parse(one));
  return { meta: valuesAnswer.parse(meta), counts, retracted, pending };
}

const NOTHING = Buffer.alloc(0);
