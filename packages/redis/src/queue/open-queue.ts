import { Queue, type QueueOptions } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";

/** What a process hears of its queues' troubles. */
export interface QueueTroubles {
  /** Every error of a connection; log it with a limit. */
  readonly onError: (error: Error) => void;
  /** A queue will be of no use as long as this process lives: end it, so that it is started again. */
  readonly onUnusable: (error: Error) => void;
}

/** So that a process which stops has let go of its connection by then, and one that is started again does not spin. */
export const TOLD_AFTER_MS = 500;

/**
 * A queue of BullMQ on a connection of ours. At its beginning it asks Redis for its version, once: if Redis goes away just
 * then, every call on it fails forever, however long Redis is back.
 */
export function openQueue(
  name: string,
  redis: RedisClient,
  options: Omit<QueueOptions, "connection">,
  { onError, onUnusable }: QueueTroubles,
): Queue {
  const queue = new Queue(name, { connection: redis, ...options });
  queue.on("error", onError);
  queue.waitUntilReady().catch((error: unknown) => {
    setTimeout(() => {
      // Ended by ourselves: the process stops.
      if (redis.status !== "end") onUnusable(new Error("Redis went away while BullMQ began", { cause: error }));
    }, TOLD_AFTER_MS);
  });
  return queue;
}
