import type { RedisClient } from "./connection.ts";
import { storeError } from "./store-error.ts";

/** Takes a few milliseconds in Redis and in the reader. */
const SLICE = 1_000;

/** All fields of a hash, a few at a time, in no order; one may come twice. */
export async function* hashSlices(
  redis: RedisClient,
  key: string,
): AsyncGenerator<readonly (readonly [field: string, value: string])[]> {
  let cursor = "0";
  do {
    const [next, flat] = await redis.hscan(key, cursor, "COUNT", SLICE).catch(storeError);
    const pairs = Array.from(
      { length: flat.length / 2 },
      (_, i) => [flat[2 * i] ?? "", flat[2 * i + 1] ?? ""] as const,
    );
    if (pairs.length > 0) yield pairs;
    cursor = next;
  } while (cursor !== "0");
}
