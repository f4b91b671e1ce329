import { expect, it } from "vitest";
import { backOffMs } from "./back-off.ts";

it("doubles with each failure of a gateway, up to an hour", () => {
  expect([1, 2, 3, 4].map((failures) => backOffMs(failures, 10_000))).toEqual([10_000, 20_000, 40_000, 80_000]);
  expect(backOffMs(20, 10_000)).toBe(3_600_000);
  expect(backOffMs(100_000, 10_000)).toBe(3_600_000);
});

it("respects the gateway's Retry-After, up to a day", () => {
  expect(backOffMs(1, 10_000, 60_000)).toBe(60_000);
  expect(backOffMs(3, 10_000, 15_000)).toBe(40_000);
  expect(backOffMs(1, 10_000, 1e15)).toBe(86_400_000);
});
