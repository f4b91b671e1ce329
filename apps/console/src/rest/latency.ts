import type { Latencies } from "@ticktally/schemas";
import { useEffect, useState } from "preact/hooks";
import { DAY_MS, instantOf } from "../state/scope.ts";
import { request, RequestError } from "./request.ts";

interface DayOfLatency {
  /** When its UTC day begins, Unix seconds. */
  readonly at: number;
  /** `undefined`: nothing was measured. */
  readonly stages: Latencies["stages"] | undefined;
}

export interface LatencyByDay {
  readonly points: readonly DayOfLatency[];
  readonly error: RequestError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

const DAYS_MAX = 30;
/** Waits still come in for messages of yesterday; days before that are asked for once. */
const SETTLED_DAYS = 2;
const SETTLED_MAX = 500;
const settled = new Map<string, Latencies["stages"]>();

/** The api answers for one period, so each UTC day is asked for by itself, one after the other. */
export function useLatencyByDay(instances: string, to: string, days: number): LatencyByDay {
  const end = Math.min(Math.ceil(Date.now() / DAY_MS), Math.ceil(instantOf(to) / DAY_MS));
  const first = end - Math.min(DAYS_MAX, days);
  const key = `${instances} ${String(first)} ${String(end)}`;
  const [state, setState] = useState<{ key: string; points: readonly DayOfLatency[]; error?: RequestError }>({
    key: "",
    points: [],
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const aborted = new AbortController();
    const read = async () => {
      const points: DayOfLatency[] = [];
      for (let day = first; day < end; day++)
        points.push({ at: day * (DAY_MS / 1_000), stages: await ofDay(instances, day, aborted.signal) });
      return points;
    };
    read().then(
      (points) => {
        setState({ key, points });
      },
      (error: unknown) => {
        if (error instanceof RequestError)
          setState((before) => ({ ...(before.key === key ? before : { points: [] }), key, error }));
      },
    );
    return () => {
      aborted.abort();
    };
  }, [key, round]);
  const isOfThis = state.key === key;
  return {
    points: isOfThis ? state.points : [],
    error: isOfThis ? state.error : undefined,
    isLoading: !isOfThis,
    reload: () => {
      setRound((before) => before + 1);
    },
  };
}

async function ofDay(instances: string, day: number, signal: AbortSignal): Promise<Latencies["stages"] | undefined> {
  const key = `${instances} ${String(day)}`;
  const known = settled.get(key);
  if (known !== undefined) return known;
  const seconds = day * (DAY_MS / 1_000);
  const { latency } = await request<{ latency: Latencies }>(`/metrics/${encodeURIComponent(instances)}/latency`, {
    query: { from: seconds, to: seconds + DAY_MS / 1_000 },
    signal,
  });
  if (day < Math.floor(Date.now() / DAY_MS) - SETTLED_DAYS) {
    if (settled.size >= SETTLED_MAX) settled.clear();
    settled.set(key, latency.stages);
  }
  return latency.stages;
}
