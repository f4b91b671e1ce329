/** @typedef {Record<string, number>} Sample the figures of one contender in one round */
/** @typedef {{ median: number, min: number, max: number }} Spread */

/** @param {readonly number[]} values @returns {Spread} */
export function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: middleOf(sorted), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/**
 * Ratios taken round by round, so that what the machine did meanwhile hits both sides alike.
 * @param {readonly number[]} values @param {readonly number[]} baseline the same rounds of the contender compared to
 */
export function pairedRatios(values, baseline) {
  return spreadOf(values.map((value, round) => value / (baseline[round] ?? NaN)).filter(Number.isFinite));
}

/** @param {ArrayLike<number>} sorted ascending @param {number} q in [0, 1) */
export function quantile(sorted, q) {
  return sorted[Math.floor(sorted.length * q)] ?? NaN;
}

/** @param {readonly number[]} sorted */
function middleOf(sorted) {
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] ?? NaN;
}
