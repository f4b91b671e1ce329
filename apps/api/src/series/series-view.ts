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
import { HOURS_KEPT, hourText, type Period } from "../metrics/period.ts";
import type { Group } from "./top-groups.ts";

export interface SeriesRequest {
  /** As the instances are echoed. */
  readonly instance: string;
  readonly period: Period;
  readonly query: SeriesQuery;
  readonly zone: Zone;
  /** The running hour, in hours since 1970. */
  readonly nowHour: number;
  /** Of the buckets, in hours since 1970. */
  readonly starts: readonly number[];
  readonly hasRates: boolean;
}

/** @param cells by bucket and column */
export function seriesView(request: SeriesRequest, cells: Float64Array): Series {
  return { ...headOf(request), ...countsView(request, timesOf(request), cells) };
}

export function groupedSeriesView(request: SeriesRequest, groups: readonly Group[]): GroupedSeries {
  const times = timesOf(request);
  return {
    ...headOf(request),
    groupBy: [...(request.query.groupBy ?? [])],
    groups: groups.map(({ key, cells }) => ({ key, ...countsView(request, times, cells) })),
  };
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
  const totals = countsAt(new Float64Array(SERIES_COLUMNS.length), 0);
  const points = times.map((at, bucket) => {
    const counts = countsAt(cells, bucket);
    for (const column of SERIES_COLUMNS) totals[column] += counts[column];
    return { at, ...counts };
  });
  return { points, totals, rates: ratesOf(totals, hasRates) };
}

/** A count that was lost with a part of Redis's data may be missing where it is subtracted. */
function countsAt(cells: Float64Array, bucket: number): SeriesCounts {
  const first = bucket * SERIES_COLUMNS.length;
  const entries = SERIES_COLUMNS.map((column, i) => [column, Math.max(0, cells[first + i] ?? 0)] as const);
  return Object.fromEntries(entries) as SeriesCounts;
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
