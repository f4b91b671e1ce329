import { FAILURES } from "@ticktally/core";
import type { Failures, GroupedSeries, Series, SeriesCounts, SeriesGroup } from "@ticktally/schemas";
import { timeZone } from "../state/scope.ts";
import { useResource, type Resource } from "./resource.ts";

export type Counts = SeriesCounts;
export type Group = SeriesGroup;

export interface SeriesQuery {
  /** Names separated by commas, or `all`. */
  readonly instances: string;
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly cohort?: "event" | "message";
  readonly groupBy?: string;
  readonly limit?: number;
  readonly origin?: string | undefined;
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly label?: string | undefined;
}

interface Pace {
  readonly isLive?: boolean;
  readonly everySeconds?: number;
}

export function useSeries(query: SeriesQuery | undefined, pace: Pace = {}): Resource<Series> {
  const found = useResource<{ series: Series }>(pathOf(query), { query: parametersOf(query), ...pace });
  return { ...found, answer: found.answer?.series };
}

/** Groups of a series, the largest first. */
export function useGroups(
  query: SeriesQuery | undefined,
  pace: Pace = { everySeconds: 60 },
): Resource<readonly Group[]> {
  const found = useResource<{ series: GroupedSeries }>(pathOf(query), { query: parametersOf(query), ...pace });
  return { ...found, answer: found.answer?.series.groups };
}

interface PeriodQuery {
  readonly instances: string;
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: "instance";
  readonly limit?: number;
}

export function useFailures(query: PeriodQuery | undefined, pace: Pace = { everySeconds: 30 }): Resource<Failures> {
  const found = useResource<{ failures: Failures }>(pathOf(query, "failures"), { query: parametersOf(query), ...pace });
  return { ...found, answer: found.answer?.failures };
}

/** The address of the same numbers as CSV. */
export function csvOf(query: SeriesQuery | PeriodQuery, what = "series"): string {
  const given = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(parametersOf(query))) given.set(name, String(value));
  return `${pathOf(query, what) ?? ""}?${given.toString()}`;
}

function pathOf(query: { readonly instances: string } | undefined, what = "series"): string | undefined {
  return query === undefined ? undefined : `/metrics/${encodeURIComponent(query.instances)}/${what}`;
}

function parametersOf(query: SeriesQuery | PeriodQuery | undefined): Readonly<Record<string, string | number>> {
  if (query === undefined) return {};
  const given = Object.entries({ ...query, tz: timeZone.value }).filter(
    ([name, value]) => name !== "instances" && value !== undefined,
  );
  return Object.fromEntries(given) as Readonly<Record<string, string | number>>;
}

/** All failures of a bucket, of any status. */
export function failuresOf(counts: Counts): number {
  return FAILURES.reduce((sum, failure) => sum + counts[failure], 0);
}

/** Outgoing messages that are neither sent nor failed yet. */
export function waitingOf(counts: Counts): number {
  return Math.max(0, counts.messages - counts.sent - failuresOf(counts));
}
