import { expect, it } from "vitest";
import { collecting } from "./collecting.ts";

it("does not delay senders while webhooks arrive one by one, however slow the store is", () => {
  expect(collecting({ lines: 1, tookMs: 500 }, false).ms).toBe(0);
  expect(collecting({ lines: 7, tookMs: 500 }, false).ms).toBe(0);
});

it("collects for half the time of the last busy batch, up to a limit", () => {
  expect(collecting({ lines: 30, tookMs: 4 }, false)).toEqual({ ms: 2, lines: Infinity });
  expect(collecting({ lines: 30, tookMs: 0.4 }, false).ms).toBe(0);
  expect(collecting({ lines: 30, tookMs: 900 }, false).ms).toBe(5);
});

it("collects for longer while the worker is behind, up to the number of webhooks for an efficient job", () => {
  expect(collecting({ lines: 1, tookMs: 1 }, true)).toEqual({ ms: 20, lines: 50 });
});
