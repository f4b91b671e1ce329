// What one call of our store costs Redis. What it takes of the benchmark's other files is passed in, so that another
// checkout is measured with its own.

/** @typedef {Pick<typeof import("./stores.mjs"), "startRedisStore"> & Pick<typeof import("./our-store.mjs"), "ourStore"> & Pick<typeof import("./events.mjs"), "applyAll" | "batchesOf">} Parts */

/** Small batches go many at a time, as a pipeline, so that fsync is shared and only the work is seen. */
const EVENTS_IN_FLIGHT = 200;

/**
 * @param {Parts} parts
 * @param {readonly import("./events.mjs").Told[]} events
 * @param {{ size: number, durability: import("./stores.mjs").Durability }} options size: events in a call
 * @returns {Promise<number>} CPU µs of Redis an event, on an empty one
 */
export async function storeMicros({ startRedisStore, ourStore, applyAll, batchesOf }, events, { size, durability }) {
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
