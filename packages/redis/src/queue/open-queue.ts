import { Queue, type QueueOptions } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";

/** How a process learns of its queues' problems. */
export interface QueueTroubles {
  /** Every error of a connection; throttle its log lines. */
  readonly onError: (error: Error) => void;
  /** A queue is unusable for the rest of this process: exit, and let the supervisor start it again. */
  readonly onUnusable: (error: Error) => void;
}

/** A process that is stopping has closed its connection by then, and one that restarts does not loop fast. */
export const REPORT_AFTER_MS = 500;

/**
 * A BullMQ queue on our connection. BullMQ asks Redis for its version once, at the beginning. If Redis disappears at that moment, every
 * call on the queue fails forever, even when Redis is back.
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
      // We closed it ourselves: the process is stopping.
      if (redis.status !== "end")
        onUnusable(new Error("Redis disconnected while BullMQ was starting", { cause: error }));
    }, REPORT_AFTER_MS);
  });
  return queue;
}
