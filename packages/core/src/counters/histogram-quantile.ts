/**
 * A quantile estimated from a histogram, by linear interpolation inside the bucket it falls in.
 *
 * @param bounds upper bounds of the buckets, ascending, the first above 0; one more bucket, without bound, follows the last
 * @param counts how many fell in each bucket (not cumulative), one more than there are bounds
 * @param q quantile, 0 < q < 1
 * @returns `undefined` when nothing was counted; the last bound when the quantile lies beyond it
 * @see Prometheus `histogram_quantile`, whose rule this is, so that REST and PromQL agree
 */
export function histogramQuantile(bounds: readonly number[], counts: readonly number[], q: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = q * total;
  let below = 0;
  for (const [bucket, bound] of bounds.entries()) {
    const count = counts[bucket] ?? 0;
    if (below + count >= rank) {
      const start = bounds[bucket - 1] ?? 0;
      return start + (bound - start) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1);
}
