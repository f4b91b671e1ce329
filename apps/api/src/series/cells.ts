import type { TakeCount } from "@ticktally/core";
import { SERIES_COLUMNS } from "@ticktally/schemas";
import type { Period } from "./period.ts";
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

/** Where counts go in cells: the same for all instances and labels of a query. */
export interface CellPlaces {
  readonly groups: number;
  readonly points: number;
  /** By slot: of its group and column; -1 for none. */
  readonly ofSlot: Int32Array;
  /** By slot: 1, or -1 for what is subtracted. */
  readonly signs: Int8Array;
  /** By hour from `fromHour` on: of its bucket. */
  readonly ofHour: Int32Array;
  readonly fromHour: number;
}

/** @param buckets as {@link bucketsOf} gives them */
export function cellPlaces(
  { places, signs, keys }: SlotTargets,
  fromHour: number,
  buckets: Int32Array,
  points: number,
): CellPlaces {
  const ofSlot = places.map((place) =>
    place < 0 ? place : Math.floor(place / COLUMNS) * points * COLUMNS + (place % COLUMNS),
  );
  return { groups: keys.length, points, ofSlot, signs, ofHour: buckets.map((bucket) => bucket * COLUMNS), fromHour };
}

/** The counts of each group, bucket and column, in one array of numbers, because a query adds millions of them. */
export class SeriesCells {
  readonly #cells: Float64Array;
  readonly #points: number;
  readonly take: TakeCount;

  constructor({ groups, points, ofSlot, signs, ofHour, fromHour }: CellPlaces) {
    const cells = new Float64Array(groups * points * COLUMNS);
    this.#cells = cells;
    this.#points = points;
    this.take = (hour, slot, count) => {
      const place = ofSlot[slot] ?? -1;
      if (place < 0) return;
      const at = place + (ofHour[hour - fromHour] ?? 0);
      cells[at] = (cells[at] ?? 0) + count * (signs[slot] ?? 1);
    };
  }

  /** By bucket and column. It is not copied. */
  group(place: number): Float64Array {
    const length = this.#points * COLUMNS;
    return this.#cells.subarray(place * length, (place + 1) * length);
  }
}
