import { setImmediate } from "node:timers/promises";
import { FAILURES } from "@ticktally/core";
import {
  SERIES_COLUMNS,
  type GroupedSeries,
  type Series,
  type SeriesCounts,
  type SeriesGroup,
  type SeriesQuery,
  type SeriesRates,
} from "@ticktally/schemas";
import type { Zone } from "luxon";
import { HOURS_KEPT, hourText, type Period } from "./period.ts";
import type { Group } from "./top-groups.ts";

export interface SeriesRequest {
  /** The instances as echoed in the answer. */
  readonly instance: string;
  readonly period: Period;
  readonly query: SeriesQuery;
  readonly zone: Zone;
  /** The current hour, in hours since 1970. */
  readonly nowHour: number;
  /** Of the buckets, in hours since 1970. */
  readonly starts: readonly number[];
  readonly hasRates: boolean;
}

const POINTS_A_SLICE = 1_000;
const NO_COUNTS = Object.fromEntries(SERIES_COLUMNS.map((column) => [column, 0])) as SeriesCounts;

/** @param cells by bucket and column */
export function seriesView(request: SeriesRequest, cells: Float64Array): Series {
  return { ...headOf(request), ...countsView(request, timesOf(request), cells) };
}

/** Built in slices, because 10,000 points at once would delay other requests. */
export async function groupedSeriesView(request: SeriesRequest, groups: readonly Group[]): Promise<GroupedSeries> {
  const times = timesOf(request);
  const shown: SeriesGroup[] = [];
  for (const { key, cells } of groups) {
    shown.push({ key, ...countsView(request, times, cells) });
    if ((shown.length * times.length) % POINTS_A_SLICE < times.length) await setImmediate();
  }
  return { ...headOf(request), groupBy: [...(request.query.groupBy ?? [])], groups: shown };
}

function headOf({ instance, period, query: { step, tz, cohort }, zone, nowHour }: SeriesRequest) {
  return {
    instance,
    from: hourText(period.fromHour, zone),
    to: hourText(period.toHour, zone),
    completeFrom: hourText(nowHour - HOURS_KEPT, zone),
    step,
    tz,
    cohort,
  };
}

function timesOf({ starts, zone }: SeriesRequest): readonly string[] {
  return starts.map((start) => hourText(start, zone));
}

function countsView(
  { hasRates }: SeriesRequest,
  times: readonly string[],
  cells: Float64Array,
): Omit<SeriesGroup, "key"> {
  const totals = { ...NO_COUNTS };
  const points = times.map((at, bucket) => {
    const point = { at, ...NO_COUNTS };
    SERIES_COLUMNS.forEach((column, i) => {
      // If Redis lost part of its data, a count may be missing where it is subtracted.
      const count = Math.max(0, cells[bucket * SERIES_COLUMNS.length + i] ?? 0);
      point[column] = count;
      totals[column] += count;
    });
    return point;
  });
  return { points, totals, rates: ratesOf(totals, hasRates) };
}

function ratesOf(totals: SeriesCounts, isMeant: boolean): SeriesRates {
  const rate = (part: number, whole: number) => (isMeant && whole > 0 ? part / whole : null);
  const failures = FAILURES.reduce((sum, failure) => sum + totals[failure], 0);
  return {
    deliveredRate: rate(totals.delivered, totals.sent),
    readRate: rate(totals.read, totals.delivered),
    failureRate: rate(failures, totals.messages),
  };
}
