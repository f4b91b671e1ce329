import { describe, expect, it } from "vitest";
import { pairedRatios, quantile, spreadOf } from "./statistics.ts";

describe("spreadOf", () => {
  it("has the median round, or the mean of the two middle rounds", () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spreadOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
  });
});

describe("pairedRatios", () => {
  it("compares the same rounds, so that a slow minute that affects both changes nothing", () => {
    expect(pairedRatios([200, 20, 100], [100, 10, 50])).toEqual({ median: 2, min: 2, max: 2 });
  });

  it("leaves out a round in which the baseline is zero", () => {
    expect(pairedRatios([1, 4], [0, 2])).toEqual({ median: 2, min: 2, max: 2 });
  });
});

describe("quantile", () => {
  it("is the value below which that share of the values lies", () => {
    expect(quantile([10, 20, 30, 40], 0.5)).toBe(30);
    expect(quantile([10, 20, 30, 40], 0.99)).toBe(40);
  });
});
