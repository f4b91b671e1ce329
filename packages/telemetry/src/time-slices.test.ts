import { expect, it } from "vitest";
import { timeSlices } from "./time-slices.ts";

it("pauses after a time slice, so that other work can run", async () => {
  const order: string[] = [];
  const pause = timeSlices(0);
  setImmediate(() => order.push("other"));
  await pause();
  order.push("work");
  expect(order).toEqual(["other", "work"]);
  expect(timeSlices(1e9)()).toBeUndefined();
});
