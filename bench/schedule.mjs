// When requests are due at a fixed rate, and what their answers took counted from then.
import { quantile } from "./statistics.mjs";

/** @typedef {{ perSecond: number, count: number }} Schedule */

/** @param {number} perSecond @param {number} seconds @returns {Schedule} */
export function scheduleFor(perSecond, seconds) {
  return { perSecond, count: Math.floor(perSecond * seconds) };
}

/**
 * Evenly spaced, and worked out from the number of the request, so that rounding errors do not add up.
 * @param {Schedule} schedule @param {number} index @returns {number} ms after the first request
 */
export function dueMs({ perSecond }, index) {
  return (index * 1000) / perSecond;
}

/** How many requests are due by then. @param {Schedule} schedule @param {number} elapsedMs since the first one was */
export function dueCount({ perSecond, count }, elapsedMs) {
  return elapsedMs < 0 ? 0 : Math.min(count, Math.floor((elapsedMs * perSecond) / 1000) + 1);
}

/**
 * Counted from the scheduled start: a server that stalls delays every request due meanwhile, not only the one it was busy with.
 * @param {Schedule} schedule @param {ArrayLike<number>} answeredMs after the first request was due, by number of the request
 * @returns {{ p50: number, p99: number, max: number }} ms
 */
export function latenciesFrom(schedule, answeredMs) {
  const sorted = Float64Array.from(answeredMs, (at, index) => at - dueMs(schedule, index)).sort();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? NaN };
}
