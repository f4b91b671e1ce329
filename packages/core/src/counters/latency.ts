/** Latencies that are measured. The position is the stored code: append only. */
export const LATENCY_STAGES = ["sent_to_delivered", "delivered_to_read", "event_to_receipt"] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

/** Upper bounds in seconds, ascending; one more bucket, without bound, follows the last. Event times have 1 s resolution. */
export const LATENCY_BOUNDS_SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400] as const;

/** @param seconds at least 0 @returns the place in a histogram's buckets; the last one has no bound */
export function latencyBucket(seconds: number): number {
  let bucket = 0;
  while (bucket < BUCKETS && seconds > (LATENCY_BOUNDS_SECONDS[bucket] ?? Infinity)) bucket++;
  return bucket;
}

const BUCKETS = LATENCY_BOUNDS_SECONDS.length;
