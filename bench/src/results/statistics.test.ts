import { describe, expect, it } from "vitest";
import { pairedRatios, quantile, spreadOf } from "./statistics.ts";

describe("spreadOf", () => {
  it("takes the middle round, or the mean of the two in the middle", () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spreadOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
  });
});

describe("pairedRatios", () => {
  it("compares a round with the same round, so that a slow minute that hits both changes nothing", () => {
    expect(pairedRatios([200, 20, 100], [100, 10, 50])).toEqual({ median: 2, min: 2, max: 2 });
  });

  it("leaves out a round in which the other measured nothing", () => {
    expect(pairedRatios([1, 4], [0, 2])).toEqual({ median: 2, min: 2, max: 2 });
  });
});

describe("quantile", () => {
  it("is the value below which that share lies", () => {
    expect(quantile([10, 20, 30, 40], 0.5)).toBe(30);
    expect(quantile([10, 20, 30, 40], 0.99)).toBe(40);
  });
});
