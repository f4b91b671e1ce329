// When requests are due at a fixed rate, and their latencies from that time.
import { quantile } from "../results/statistics.ts";

export interface Schedule {
  perSecond: number;
  count: number;
}

export function scheduleFor(perSecond: number, seconds: number): Schedule {
  return { perSecond, count: Math.floor(perSecond * seconds) };
}

/**
 * Evenly spaced, and calculated from the index of the request, so that rounding errors do not accumulate.
 * @returns ms after the first request
 */
export function dueMs({ perSecond }: Schedule, index: number): number {
  return (index * 1000) / perSecond;
}

/** How many requests are due. @param elapsedMs since the first one was due */
export function dueCount({ perSecond, count }: Schedule, elapsedMs: number) {
  return elapsedMs < 0 ? 0 : Math.min(count, Math.floor((elapsedMs * perSecond) / 1000) + 1);
}

/**
 * Latencies from the scheduled start: a server that stalls delays every request that is due meanwhile, not only the current one.
 * @param answeredMs times of the answers after the first request was due, by index of the request
 * @returns ms
 */
export function latenciesFrom(
  schedule: Schedule,
  answeredMs: ArrayLike<number>,
): { p50: number; p99: number; max: number } {
  const sorted = Float64Array.from(answeredMs, (at, index) => at - dueMs(schedule, index)).sort();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? NaN };
}
