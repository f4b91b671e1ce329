import { fieldsAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { unpackPeriods, type RetentionPeriod } from "./instance-epoch.ts";
import { inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS } from "../keys.ts";

/** About 1,000 records: Redis is blocked for a few milliseconds. */
const BUCKETS_A_CALL = 30;

/**
 * All records of an instance, without their EXTRAS: fields and values, a few buckets at a time. Records only move to a period that expires
 * later, so the earlier ones are read first, and those that are opened meanwhile last: none is missed, and some may come twice.
 */
export async function* recordsUnder(
  redis: RedisClient,
  root: string,
): AsyncGenerator<readonly (readonly [field: Buffer, value: Buffer])[]> {
  const { META, MESSAGES } = INSTANCE_KEYS;
  const periods: KeyCommand = ["HMGET", root + META, "periods"];
  const read = new Set<number>();
  for (;;) {
    const [meta] = await readKeys(redis, root, [periods]);
    const left = periodsIn(meta).filter((period) => !read.has(period.number));
    const [next] = left.sort((a, b) => a.expires - b.expires);
    if (next === undefined) return;
    const { number } = next;
    read.add(number);
    // Buckets may be split meanwhile: part of one moves to a new one, which comes after all others.
    let buckets = 1;
    for (let first = 0; first < buckets; first += BUCKETS_A_CALL) {
      const some = Array.from({ length: BUCKETS_A_CALL }, (_, i) => first + i);
      const [now, ...answers] = await readKeys(redis, root, [
        periods,
        ...some.map((bucket): KeyCommand => ["HGETALL", inEpoch(`${MESSAGES + String(number)}:${String(bucket)}`)]),
      ]);
      buckets = periodsIn(now).find((period) => period.number === number)?.buckets ?? 0;
      yield answers.flatMap((answer) => pairsOf(valuesAnswer.parse(answer)));
    }
  }
}

function periodsIn(answer: PackedAnswer | undefined): readonly RetentionPeriod[] {
  const [packed] = fieldsAnswer.parse(answer);
  return packed === undefined ? [] : unpackPeriods(packed);
}

function pairsOf(flat: readonly Buffer[]): readonly (readonly [Buffer, Buffer])[] {
  return flat.flatMap((field, i) => {
    const value = flat[i + 1];
    return i % 2 === 0 && value !== undefined ? [[field, value] as const] : [];
  });
}
