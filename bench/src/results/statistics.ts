/** the figures of one contender in one round */
export type Sample = Record<string, number>;
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: middleOf(sorted), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/**
 * Ratios of the same rounds, so that other work of the machine affects both sides equally.
 * @param baseline the same rounds of the contender that is compared with
 */
export function pairedRatios(values: readonly number[], baseline: readonly number[]) {
  return spreadOf(values.map((value, round) => value / (baseline[round] ?? NaN)).filter(Number.isFinite));
}

/** @param sorted ascending @param q in [0, 1) */
export function quantile(sorted: ArrayLike<number>, q: number) {
  return sorted[Math.floor(sorted.length * q)] ?? NaN;
}

function middleOf(sorted: readonly number[]) {
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] ?? NaN;
}
