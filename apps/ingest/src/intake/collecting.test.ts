import { expect, it } from "vitest";
import { collecting } from "./collecting.ts";

it("keeps no sender waiting while webhooks come one by one, however slow storing is", () => {
  expect(collecting({ lines: 1, tookMs: 500 }, false).ms).toBe(0);
  expect(collecting({ lines: 7, tookMs: 500 }, false).ms).toBe(0);
});

it("collects for half as long as a busy batch took, and for a bounded time", () => {
  expect(collecting({ lines: 30, tookMs: 4 }, false)).toEqual({ ms: 2, lines: Infinity });
  expect(collecting({ lines: 30, tookMs: 0.4 }, false).ms).toBe(0);
  expect(collecting({ lines: 30, tookMs: 900 }, false).ms).toBe(5);
});

it("collects for longer while the worker is behind, but no more than makes a good job", () => {
  expect(collecting({ lines: 1, tookMs: 1 }, true)).toEqual({ ms: 20, lines: 50 });
});
