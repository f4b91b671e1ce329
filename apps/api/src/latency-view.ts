import { histogramQuantile, LATENCY_BOUNDS_SECONDS, type Counts, type LatencyStage } from "@ticktally/core";
import type { Latencies, LatencyOfStage } from "@ticktally/schemas";

/** The waits of one or several instances together. @param instance the names asked for, as they are echoed */
export function latencyView(instance: string, counts: readonly Counts[]): Latencies {
  return {
    instance,
    stages: {
      sentToDelivered: stageOf("sent_to_delivered", counts),
      deliveredToRead: stageOf("delivered_to_read", counts),
      eventToReceipt: stageOf("event_to_receipt", counts),
    },
  };
}

function stageOf(stage: LatencyStage, counts: readonly Counts[]): LatencyOfStage {
  const sumOf = (bucket: number | "sum") =>
    counts.reduce((sum, of) => sum + (of.get(`latency/${stage}/${bucket}`) ?? 0), 0);
  const buckets = Array.from({ length: LATENCY_BOUNDS_SECONDS.length + 1 }, (_, bucket) => sumOf(bucket));
  const count = buckets.reduce((sum, bucket) => sum + bucket, 0);
  const quantile = (q: number) => histogramQuantile(LATENCY_BOUNDS_SECONDS, buckets, q) ?? null;
  return {
    count,
    mean: count === 0 ? null : sumOf("sum") / count,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
  };
}
