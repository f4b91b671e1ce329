import { timeZone } from "../state/scope.ts";
import { useResource, type Resource } from "./resource.ts";

export interface Counts {
  readonly received?: number;
  readonly sent?: number;
  readonly delivered?: number;
  readonly read?: number;
  readonly played?: number;
  readonly failed?: number;
  readonly messages?: number;
}

/** One moment of a series: its time, and counts by column. */
export interface SeriesPoint extends Counts {
  readonly at: string;
}

export interface Rates {
  readonly deliveredRate: number | null;
  readonly readRate: number | null;
  readonly failureRate: number | null;
}

export interface Group {
  readonly key: Readonly<Record<string, string | boolean | null>>;
  readonly points: readonly SeriesPoint[];
  readonly totals: Counts;
  readonly rates?: Rates;
}

export interface SeriesQuery {
  /** Names separated by commas, or `all`. */
  readonly instances: string;
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly cohort?: "event" | "message";
  readonly groupBy?: string;
  readonly limit?: number;
  readonly origin?: string;
  readonly label?: string | undefined;
}

/** Groups of a series, the largest first. */
export function useGroups({ instances, ...query }: SeriesQuery, everySeconds = 60): Resource<readonly Group[]> {
  const found = useResource<{ series: { groups: readonly Group[] } }>(
    `/metrics/${encodeURIComponent(instances)}/series`,
    {
      query: { ...query, tz: timeZone.value },
      everySeconds,
    },
  );
  return { ...found, answer: found.answer?.series.groups };
}
