// When requests are due at a fixed rate, and what their answers took counted from then.
import { quantile } from "../results/statistics.ts";

export interface Schedule {
  perSecond: number;
  count: number;
}

export function scheduleFor(perSecond: number, seconds: number): Schedule {
  return { perSecond, count: Math.floor(perSecond * seconds) };
}

/**
 * Evenly spaced, and worked out from the number of the request, so that rounding errors do not add up.
 * @returns ms after the first request
 */
export function dueMs({ perSecond }: Schedule, index: number): number {
  return (index * 1000) / perSecond;
}

/** How many requests are due by then. @param elapsedMs since the first one was */
export function dueCount({ perSecond, count }: Schedule, elapsedMs: number) {
  return elapsedMs < 0 ? 0 : Math.min(count, Math.floor((elapsedMs * perSecond) / 1000) + 1);
}

/**
 * Counted from the scheduled start: a server that stalls delays every request due meanwhile, not only the one it was busy with.
 * @param answeredMs after the first request was due, by number of the request
 * @returns ms
 */
export function latenciesFrom(
  schedule: Schedule,
  answeredMs: ArrayLike<number>,
): { p50: number; p99: number; max: number } {
  const sorted = Float64Array.from(answeredMs, (at, index) => at - dueMs(schedule, index)).sort();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? NaN };
}
