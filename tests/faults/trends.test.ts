import { describe, expect, it } from "vitest";
import { trends, trendsTable, type Snapshot } from "./trends.ts";

const snapshotsOf = (name: string, values: readonly number[]): readonly Snapshot[] =>
  values.map((value, atMinutes) => ({ atMinutes, measures: new Map([[name, value]]) }));
const verdict = (name: string, values: readonly number[]) => trends(snapshotsOf(name, values))[0]?.verdict;
const minutes = Array.from({ length: 31 }, (_, minute) => minute);
const noise = (minute: number) => ((minute * 7) % 5) - 2;

describe("the trend of a measure in a soak test", () => {
  it("is flat when the measure grows only at the start and then varies", () => {
    const values = minutes.map((minute) => (minute < 12 ? 60 + 4 * minute : 110) + noise(minute));
    expect(verdict("worker heap MB", values)).toBe("flat");
  });

  it("is flat with a single outlier at the end", () => {
    expect(verdict("worker RSS MB", [...minutes.map((minute) => 110 + noise(minute)), 190])).toBe("flat");
  });

  it("grows when the measure still grows in the second half", () => {
    expect(
      verdict(
        "worker heap MB",
        minutes.map((minute) => 40 + minute + noise(minute)),
      ),
    ).toBe("grows");
  });

  it("grows when a file is left open every two minutes", () => {
    expect(
      verdict(
        "api files",
        minutes.map((minute) => 22 + Math.floor(minute / 2)),
      ),
    ).toBe("grows");
  });

  it("has no verdict with too few snapshots", () => {
    expect(verdict("api files", [22, 30, 40, 50])).toBe("too few snapshots");
  });

  it("is printed as a table over time", () => {
    expect(trendsTable(snapshotsOf("api files", [22, 22, 22]), 2).split("\n")).toEqual([
      "| minute    | 0  | 2  | growth     | verdict           |",
      "| --------- | -- | -- | ---------- | ----------------- |",
      "| api files | 22 | 22 | 0.0 of 3.0 | too few snapshots |",
    ]);
  });
});
