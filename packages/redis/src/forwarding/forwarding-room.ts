import type { RedisClient } from "../connection/connection.ts";
import { readRedisNodes } from "../connection/redis-nodes.ts";

/** If Redis has no limit, or does not report it. */
const UNLIMITED_BYTES = 256 * 1024 * 1024;
const SHARE = 4;
const READ_EVERY_MS = 60_000;

/**
 * Bytes that all lanes may hold together: as configured, or a quarter of the smallest Redis server's memory limit, so counting always has
 * room.
 */
export function forwardingRoom(redis: RedisClient, configured: number | undefined): () => number {
  let [bytes, readAt] = [UNLIMITED_BYTES, -Infinity];
  const read = async () => {
    const limits = (await readRedisNodes(redis)).map(({ maxMemoryBytes }) => maxMemoryBytes).filter((max) => max > 0);
    bytes = limits.length === 0 ? UNLIMITED_BYTES : Math.min(...limits) / SHARE;
  };
  return () => {
    if (configured !== undefined) return configured;
    if (performance.now() - readAt > READ_EVERY_MS) {
      readAt = performance.now();
      read().catch(() => undefined);
    }
    return bytes;
  };
}
