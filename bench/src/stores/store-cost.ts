// Redis's CPU time for a call of our store. It gets the functions of other benchmark files as parameters, so that another checkout is measured
// with its own ones.
import type { TimedEvents } from "../load/events.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";
import type * as stores from "./stores.ts";
import type * as ourStore from "./our-store.ts";
import type * as events from "../load/events.ts";

export type Parts = Pick<typeof stores, "startRedisStore"> &
  Pick<typeof ourStore, "ourStore"> &
  Pick<typeof events, "applyAll" | "batchesOf">;

/** Small batches are sent many at a time, as a pipeline, so that they share an fsync and only Redis's own work is measured. */
const EVENTS_IN_FLIGHT = 200;

/**
 * @param options size: events in a call
 * @returns CPU µs for each event, on an empty Redis
 */
export async function storeMicros(
  { startRedisStore, ourStore, applyAll, batchesOf }: Parts,
  events: readonly TimedEvents[],
  { size, durability }: { size: number; durability: Durability },
): Promise<number> {
  const batches = batchesOf(events, size);
  const server = await startRedisStore(durability);
  const { redis, store } = ourStore(server.url);
  try {
    await redis.ping();
    const before = server.cpuSeconds();
    await applyAll(store, batches, Math.max(1, Math.round(EVENTS_IN_FLIGHT / size)));
    return ((server.cpuSeconds() - before) * 1e6) / events.length;
  } finally {
    redis.disconnect();
    await server.stop();
  }
}
