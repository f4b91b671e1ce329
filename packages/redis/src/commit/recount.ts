import type { InstanceId } from "@ticktally/core";
import type { BatchCommitter } from "./batch-committer.ts";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { isOfOlderRule } from "../records/record-codec.ts";
import { recordsUnder } from "../instances/stored-records.ts";

interface RecountDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly committer: Pick<BatchCommitter, "change">;
}

/**
 * Count an instance's records by today's rule: each record counted by an older rule is stored again, together with the changes of the
 * counts. May be interrupted at any point and called again.
 * @returns how many records these were
 */
export async function recount({ redis, keys, committer }: RecountDeps, instance: InstanceId): Promise<number> {
  let counted = 0;
  for await (const records of recordsUnder(redis, keys.instance(instance))) {
    const fields = records.filter(([, value]) => isOfOlderRule(value)).map(([field]) => field);
    if (fields.length > 0) counted += (await committer.change(instance, fields, () => true)).length;
  }
  return counted;
}
