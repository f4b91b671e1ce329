import {
  histogramQuantile,
  LATENCY_BOUNDS_SECONDS,
  LATENCY_STAGES,
  latencySlot,
  latencySumSlot,
  SLOT_LATENCY,
  type LatencyStage,
  type TakeCount,
} from "@ticktally/core";
import type { LatencyOfStage, LatencyStages } from "@ticktally/schemas";
import { ApiError } from "../http/api-error.ts";

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

const DAYS_MAX = 1_000;

/** Latencies of each day. */
export class LatencyDays {
  readonly #from: number;
  readonly #cells: readonly Float64Array[];
  readonly take: TakeCount;

  /** @param from and to: days since 1970, `to` not included @throws {ApiError} bad_request if there are too many */
  constructor({ from, to }: { readonly from: number; readonly to: number }) {
    if (to - from > DAYS_MAX)
      throw new ApiError(
        "bad_request",
        `This would be ${String(to - from)} points, and the maximum is ${String(DAYS_MAX)}: ask for a shorter period.`,
      );
    const [first, end] = LATENCY_SLOTS;
    const cells = Array.from({ length: to - from }, () => new Float64Array(end - first));
    this.#from = from;
    this.#cells = cells;
    this.take = (day, slot, count) => {
      const own = cells[day - from];
      if (own !== undefined) own[slot - first] = (own[slot - first] ?? 0) + count;
    };
  }

  points(): readonly { readonly day: number; readonly stages: LatencyStages }[] {
    return this.#cells.map((cells, i) => ({ day: this.#from + i, stages: latencyView(cells) }));
  }
}

/** How many latencies are counted in total. */
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
