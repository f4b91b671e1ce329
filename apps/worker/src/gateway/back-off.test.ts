import { expect, it } from "vitest";
import { backOffMs } from "./back-off.ts";

it("doubles, up to an hour, however often a gateway fails", () => {
  expect([1, 2, 3, 4].map((failures) => backOffMs(failures, 10_000))).toEqual([10_000, 20_000, 40_000, 80_000]);
  expect(backOffMs(20, 10_000)).toBe(3_600_000);
  expect(backOffMs(100_000, 10_000)).toBe(3_600_000);
});

it("never asks sooner than the gateway wants, and believes it for a day at most", () => {
  expect(backOffMs(1, 10_000, 60_000)).toBe(60_000);
  expect(backOffMs(3, 10_000, 15_000)).toBe(40_000);
  expect(backOffMs(1, 10_000, 1e15)).toBe(86_400_000);
});
