import type { Latencies } from "@ticktally/schemas";
import { DAY_MS, instantOf } from "../state/scope.ts";
import { useResource } from "./resource.ts";
import type { RequestError } from "./request.ts";

interface DayOfLatency {
  /** When its UTC day begins, Unix seconds. */
  readonly at: number;
  readonly stages: Latencies["stages"];
}

export interface LatencyByDay {
  readonly points: readonly DayOfLatency[];
  readonly error: RequestError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

const DAYS_MAX = 31;
const EVERY_SECONDS = 60;

/** How long messages took, by UTC day. @param days number of days up to the end of the period */
export function useLatencyByDay(instances: string, to: string, days: number): LatencyByDay {
  const end = Math.min(Math.ceil(Date.now() / DAY_MS), Math.ceil(instantOf(to) / DAY_MS));
  const first = end - Math.min(DAYS_MAX, days);
  const seconds = (day: number) => (day * DAY_MS) / 1_000;
  const found = useResource<{ latency: Latencies }>(`/metrics/${encodeURIComponent(instances)}/latency`, {
    query: { from: seconds(first), to: seconds(end), step: "day" },
    everySeconds: EVERY_SECONDS,
  });
  const points = found.answer?.latency.points ?? [];
  return { ...found, points: points.map(({ at, stages }) => ({ at: Date.parse(at) / 1_000, stages })) };
}
