import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { histogramQuantile } from "./histogram-quantile.ts";
import { latencyBucket, LATENCY_BOUNDS_SECONDS } from "./latency.ts";

const histograms = fc
  .uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 15 })
  .chain((bounds) =>
    fc.record({
      bounds: fc.constant(bounds.toSorted((a, b) => a - b)),
      counts: fc.array(fc.nat({ max: 1000 }), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
      q: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    }),
  )
  .filter(({ counts }) => counts.some((count) => count > 0));

/** The inverse of the definition: how many values are at or below a value, if the values are spread evenly within each bucket. */
function atOrBelow(value: number, bounds: readonly number[], counts: readonly number[]): number {
  return bounds.reduce((sum, bound, i) => {
    const start = bounds[i - 1] ?? 0;
    const share = Math.min(1, Math.max(0, (value - start) / (bound - start)));
    return sum + share * (counts[i] ?? 0);
  }, 0);
}

describe("histogramQuantile", () => {
  it("is the value at or below which that share of all values lies", () => {
    fc.assert(
      fc.property(histograms, ({ bounds, counts, q }) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const bounded = total - (counts.at(-1) ?? 0);
        const value = histogramQuantile(bounds, counts, q);
        if (q * total > bounded) expect(value).toBe(bounds.at(-1));
        else expect(atOrBelow(value ?? NaN, bounds, counts)).toBeCloseTo(q * total, 6);
      }),
    );
  });

  it("is in the bucket of the value with this rank", () => {
    const waits = fc.array(fc.nat({ max: 80_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(waits, fc.constantFrom(0.5, 0.9, 0.99), (seconds, q) => {
        const counts = Array.from({ length: LATENCY_BOUNDS_SECONDS.length + 1 }, () => 0);
        for (const wait of seconds) counts[latencyBucket(wait)] = (counts[latencyBucket(wait)] ?? 0) + 1;
        const ranked = seconds.toSorted((a, b) => a - b)[Math.ceil(q * seconds.length) - 1] ?? NaN;
        const bucket = latencyBucket(ranked);
        const value = histogramQuantile(LATENCY_BOUNDS_SECONDS, counts, q) ?? NaN;
        expect(value).toBeGreaterThan(LATENCY_BOUNDS_SECONDS[bucket - 1] ?? 0);
        expect(value).toBeLessThanOrEqual(LATENCY_BOUNDS_SECONDS[bucket] ?? NaN);
      }),
    );
  });

  // Calculated manually by Prometheus's rule: 2, 4 and 12 of 15 are at or below 0.1, 0.2 and 1.
  it.each([
    [0.5, 0.55],
    [0.1, 0.075],
    [0.9, 1],
  ])("interpolates in the bucket: q %d is %d", (q, value) => {
    expect(histogramQuantile([0.1, 0.2, 1], [2, 2, 8, 3], q)).toBeCloseTo(value, 9);
  });

  it("is undefined if nothing was counted", () => {
    expect(histogramQuantile([1, 2], [0, 0, 0], 0.5)).toBeUndefined();
  });
});
