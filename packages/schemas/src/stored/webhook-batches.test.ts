import { expect, it } from "vitest";
import { BATCH_CHARS_MAX, BATCH_WEBHOOKS_MAX, batchesOf } from "./webhook-batches.ts";

const shapeOf = (lines: readonly string[]) => batchesOf(lines).map((batch) => batch.map(({ length }) => length));

it("batches have all lines in order, within both limits", () => {
  const lines = Array.from({ length: 2 * BATCH_WEBHOOKS_MAX + 1 }, (_, i) => String(i));
  const batches = batchesOf(lines);
  expect(batches.map(({ length }) => length)).toEqual([BATCH_WEBHOOKS_MAX, BATCH_WEBHOOKS_MAX, 1]);
  expect(batches.flat()).toEqual(lines);
  const half = "x".repeat(BATCH_CHARS_MAX / 2);
  expect(shapeOf([half, half, "y"])).toEqual([[half.length, half.length], [1]]);
});

it("a line that is longer than a batch is one by itself", () => {
  const long = "x".repeat(BATCH_CHARS_MAX + 1);
  expect(shapeOf(["a", long, "b", "c"])).toEqual([[1], [long.length], [1, 1]]);
  expect(shapeOf([long])).toEqual([[long.length]]);
  expect(shapeOf([])).toEqual([]);
});
