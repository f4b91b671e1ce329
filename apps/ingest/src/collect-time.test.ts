import { expect, it } from "vitest";
import { collectTime } from "./collect-time.ts";

it("keeps nobody waiting while webhooks come one by one, however slow storing is", () => {
  expect(collectTime({ lines: 1, tookMs: 500 }, false)).toBe(0);
  expect(collectTime({ lines: 7, tookMs: 500 }, false)).toBe(0);
});

it("collects for half as long as a busy batch took, and for a bounded time", () => {
  expect(collectTime({ lines: 30, tookMs: 4 }, false)).toBe(2);
  expect(collectTime({ lines: 30, tookMs: 0.4 }, false)).toBe(0);
  expect(collectTime({ lines: 30, tookMs: 900 }, false)).toBe(5);
});

it("collects for longer while the worker is behind", () => {
  expect(collectTime({ lines: 1, tookMs: 1 }, true)).toBe(20);
});
