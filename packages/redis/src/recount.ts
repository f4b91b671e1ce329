import type { InstanceId } from "@ticktally/core";
import { scanReply } from "@ticktally/schemas";
import type { BatchCommitter } from "./commit/batch-committer.ts";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { isOfPresentRule } from "./records/record-codec.ts";
import { storeError } from "./store-error.ts";

/** Some 1,000 records: Redis does nothing else for a few milliseconds. */
const BUCKETS_A_CALL = 30;

/**
 * Count what is stored of an instance by today's rule: each record that an older one counted is stored again, together with what its counts
 * move by. May be broken off at any point and called again. @returns how many records that were
 */
export async function recount(
  { redis, keys, committer }: { redis: RedisClient; keys: Keys; committer: Pick<BatchCommitter, "change"> },
  instance: InstanceId,
): Promise<number> {
  let counted = 0;
  let next: readonly (string | number)[] = ["", ""];
  while (next.length > 0) {
    const reply = await redis.scanRecordsBuffer(keys.instance(instance), ...next, BUCKETS_A_CALL, "").catch(storeError);
    const [records, from] = scanReply.parse(reply);
    const fields = records.filter(([, value]) => !isOfPresentRule(value)).map(([field]) => field);
    if (fields.length > 0) counted += (await committer.change(instance, fields, () => true)).length;
    next = from;
  }
  return counted;
}
