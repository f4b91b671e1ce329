import {
  histogramQuantile,
  LATENCY_BOUNDS_SECONDS,
  LATENCY_STAGES,
  latencySlot,
  latencySumSlot,
  SLOT_LATENCY,
  type LatencyStage,
} from "@ticktally/core";
import type { LatencyOfStage, LatencyStages } from "@ticktally/schemas";

/** The slots of latencies: the first, and one after the last. */
export const LATENCY_SLOTS = [SLOT_LATENCY, latencySlot(LATENCY_STAGES.length, 0)] as const;

/** @param cells counts by slot, from the first of {@link LATENCY_SLOTS} */
export function latencyView(cells: Float64Array): LatencyStages {
  return {
    sentToDelivered: stageOf("sent_to_delivered", cells),
    deliveredToRead: stageOf("delivered_to_read", cells),
    eventToReceipt: stageOf("event_to_receipt", cells),
  };
}

/** How many waits are counted in all. */
export function waitsIn(cells: Float64Array): number {
  return Object.values(latencyView(cells)).reduce((sum, { count }) => sum + count, 0);
}

function stageOf(stage: LatencyStage, cells: Float64Array): LatencyOfStage {
  const code = LATENCY_STAGES.indexOf(stage);
  const countOf = (slot: number) => Math.max(0, cells[slot - SLOT_LATENCY] ?? 0);
  const buckets = Array.from({ length: LATENCY_BOUNDS_SECONDS.length + 1 }, (_, bucket) =>
    countOf(latencySlot(code, bucket)),
  );
  const count = buckets.reduce((sum, bucket) => sum + bucket, 0);
  const quantile = (q: number) => histogramQuantile(LATENCY_BOUNDS_SECONDS, buckets, q) ?? null;
  return {
    count,
    mean: count === 0 ? null : countOf(latencySumSlot(code)) / count,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
  };
}
