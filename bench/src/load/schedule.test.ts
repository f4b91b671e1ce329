import { describe, expect, it } from "vitest";
import { dueCount, dueMs, latenciesFrom, scheduleFor } from "./schedule.ts";

describe("dueMs", () => {
  it("spaces requests evenly and does not drift, whatever the interval", () => {
    const schedule = scheduleFor(3_000, 10);
    expect(schedule.count).toBe(30_000);
    expect([0, 3, 29_997].map((index) => dueMs(schedule, index))).toEqual([0, 1, 9_999]);
  });
});

describe("dueCount", () => {
  const schedule = scheduleFor(2_000, 1);

  it("counts the first request from the start, and none before", () => {
    expect([-1, 0, 0.4, 0.5, 10].map((elapsed) => dueCount(schedule, elapsed))).toEqual([0, 1, 1, 2, 21]);
  });

  it("never exceeds the number of requests in the schedule", () => {
    expect(dueCount(schedule, 60_000)).toBe(2_000);
  });
});

describe("latenciesFrom", () => {
  const schedule = scheduleFor(1_000, 1);

  it("measures each request from its scheduled start", () => {
    const answered = Array.from({ length: 1_000 }, (_, index) => index + 2);
    expect(latenciesFrom(schedule, answered)).toEqual({ p50: 2, p99: 2, max: 2 });
  });

  it("counts a stall for every request due in it, not only for one (coordinated omission)", () => {
    // Nothing is answered from 500 to 700 ms; a closed loop would have seen one slow answer in a thousand.
    const answered = Array.from({ length: 1_000 }, (_, index) => (index >= 500 && index < 700 ? 700 : index));
    expect(latenciesFrom(schedule, answered)).toEqual({ p50: 0, p99: 191, max: 200 });
  });
});
