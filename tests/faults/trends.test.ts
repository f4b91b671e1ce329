import { describe, expect, it } from "vitest";
import { trends, trendsTable, type Look } from "./trends.ts";

const looksOf = (name: string, values: readonly number[]): readonly Look[] =>
  values.map((value, atMinutes) => ({ atMinutes, measures: new Map([[name, value]]) }));
const verdict = (name: string, values: readonly number[]) => trends(looksOf(name, values))[0]?.verdict;
const minutes = Array.from({ length: 31 }, (_, minute) => minute);
const noise = (minute: number) => ((minute * 7) % 5) - 2;

describe("where a measure goes in a soak", () => {
  it("is flat when it only warms up and then goes up and down", () => {
    const values = minutes.map((minute) => (minute < 12 ? 60 + 4 * minute : 110) + noise(minute));
    expect(verdict("worker heap MB", values)).toBe("flat");
  });

  it("is flat with a single odd look at the end", () => {
    expect(verdict("worker RSS MB", [...minutes.map((minute) => 110 + noise(minute)), 190])).toBe("flat");
  });

  it("grows when it still does so in the second half", () => {
    expect(
      verdict(
        "worker heap MB",
        minutes.map((minute) => 40 + minute + noise(minute)),
      ),
    ).toBe("grows");
  });

  it("tells a file that is left open every two minutes", () => {
    expect(
      verdict(
        "api files",
        minutes.map((minute) => 22 + Math.floor(minute / 2)),
      ),
    ).toBe("grows");
  });

  it("does not tell from a few looks", () => {
    expect(verdict("api files", [22, 30, 40, 50])).toBe("too few looks");
  });

  it("is shown over time", () => {
    expect(trendsTable(looksOf("api files", [22, 22, 22]), 2).split("\n")).toEqual([
      "| minute    | 0  | 2  | growth     | verdict       |",
      "| --------- | -- | -- | ---------- | ------------- |",
      "| api files | 22 | 22 | 0.0 of 3.0 | too few looks |",
    ]);
  });
});
