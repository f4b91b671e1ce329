import type { TakeCount } from "@ticktally/core";
import { SERIES_COLUMNS } from "@ticktally/schemas";
import type { Period } from "../metrics/period.ts";
import type { SlotTargets } from "./targets.ts";

const COLUMNS = SERIES_COLUMNS.length;

/** The bucket of each hour of a period. @param starts from `bucketStarts` */
export function bucketsOf({ fromHour, toHour }: Period, starts: readonly number[]): Int32Array {
  const buckets = new Int32Array(toHour - fromHour);
  for (let hour = fromHour, bucket = 0; hour < toHour; hour++) {
    if (hour >= (starts[bucket + 1] ?? Infinity)) bucket++;
    buckets[hour - fromHour] = bucket;
  }
  return buckets;
}

/** The counts of each group, bucket and column, in one array of numbers, because a query adds millions of them. */
export class SeriesCells {
  readonly #cells: Float64Array;
  readonly #points: number;
  readonly take: TakeCount;

  constructor({ places, signs, keys }: SlotTargets, fromHour: number, buckets: Int32Array, points: number) {
    const cells = new Float64Array(keys.length * points * COLUMNS);
    this.#cells = cells;
    this.#points = points;
    this.take = (hour, slot, count) => {
      const place = places[slot] ?? -1;
      if (place < 0) return;
      const group = Math.floor(place / COLUMNS);
      const at = (group * points + (buckets[hour - fromHour] ?? 0)) * COLUMNS + (place % COLUMNS);
      cells[at] = (cells[at] ?? 0) + count * (signs[slot] ?? 1);
    };
  }

  /** By bucket and column. It is not copied. */
  group(place: number): Float64Array {
    const length = this.#points * COLUMNS;
    return this.#cells.subarray(place * length, (place + 1) * length);
  }
}
