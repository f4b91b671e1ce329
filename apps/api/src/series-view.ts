import { ORIGINS, REACHED_STATUSES, type Counts, type Origin } from "@ticktally/core";
import { SERIES_COUNTS, type Series, type SeriesCounts, type SeriesStep } from "@ticktally/schemas";
import type { Zone } from "luxon";
import { HOURS_KEPT } from "./hour-counts.ts";
import { hourText, type Period } from "./period.ts";

export interface SeriesRequest {
  readonly instance: string;
  readonly period: Period;
  readonly step: SeriesStep;
  readonly tz: string;
  readonly zone: Zone;
  /** The running hour, in hours since 1970. */
  readonly nowHour: number;
}

/**
 * What an instance counts in each bucket.
 * @param starts of the buckets, in hours since 1970, ascending, the first at the period's beginning
 * @param origin of outgoing messages; all if not given
 */
export function bucketCounts(
  hours: ReadonlyMap<number, Counts>,
  { toHour }: Period,
  starts: readonly number[],
  origin: Origin | undefined,
): readonly SeriesCounts[] {
  return starts.map((start, i) => {
    const bucket = noCounts();
    for (let hour = start; hour < (starts[i + 1] ?? toHour); hour++) {
      const counts = hours.get(hour);
      if (counts !== undefined) addHour(bucket, counts, origin === undefined ? ORIGINS : [origin]);
    }
    return bucket;
  });
}

/** The sums of two lists of counts, place by place. */
export function added(left: readonly SeriesCounts[], right: readonly SeriesCounts[]): readonly SeriesCounts[] {
  return left.map((counts, i) => sumOf(counts, right[i] ?? noCounts()));
}

export function seriesView(
  { instance, period, step, tz, zone, nowHour }: SeriesRequest,
  starts: readonly number[],
  buckets: readonly SeriesCounts[],
): Series {
  return {
    instance,
    from: hourText(period.fromHour, zone),
    to: hourText(period.toHour, zone),
    completeFrom: hourText(nowHour - HOURS_KEPT, zone),
    step,
    tz,
    points: starts.map((start, i) => ({ at: hourText(start, zone), ...(buckets[i] ?? noCounts()) })),
    totals: buckets.reduce(sumOf, noCounts()),
  };
}

function addHour(bucket: SeriesCounts, counts: Counts, origins: readonly Origin[]): void {
  for (const origin of ORIGINS) bucket.received += counts.get(`messages/incoming/${origin}`) ?? 0;
  for (const origin of origins) {
    for (const status of REACHED_STATUSES) bucket[status] += counts.get(`reached/${origin}/${status}`) ?? 0;
  }
}

function sumOf(left: SeriesCounts, right: SeriesCounts): SeriesCounts {
  const sum = noCounts();
  for (const name of SERIES_COUNTS) sum[name] = left[name] + right[name];
  return sum;
}

export function noCounts(): SeriesCounts {
  return {
    received: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    played: 0,
    failed: 0,
    noAccount: 0,
    notInGroup: 0,
    noActiveSession: 0,
  };
}
