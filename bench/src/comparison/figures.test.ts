import { describe, expect, it } from "vitest";
import { rowOf } from "../results/rounds.ts";
import { BASE, comparisonText, OURS, withPlainMultiples } from "./figures.ts";

const rates = (name: string, perSecond: number[]) =>
  rowOf(
    name,
    name,
    perSecond.map((countedPerSecond) => ({ countedPerSecond })),
  );
const plain = rates("plain", [100, 50]);
const [base, ours] = [rates(BASE, [200, 100]), rates(OURS, [300, 150])];

describe("withPlainMultiples", () => {
  it("divides each round by the plain design's of the same round", () => {
    const multiples = withPlainMultiples([plain, base, ours], "plain").map(({ figures }) => figures["timesPlain"]);
    expect(multiples.map((spread) => spread?.median)).toEqual([1, 2, 3]);
  });

  it("compares with the base, not with the plain design", () => {
    const compared = withPlainMultiples([plain, base, ours], "plain").at(-1);
    expect(compared?.ratios["countedPerSecond"]).toEqual({ median: 1.5, min: 1.5, max: 1.5 });
  });

  it("has no multiples if the plain design was not measured", () => {
    const compared = withPlainMultiples([base, ours], "plain").at(-1);
    expect(compared?.figures["timesPlain"]).toBeUndefined();
    expect(compared?.ratios["countedPerSecond"]?.median).toBe(1.5);
  });
});

describe("comparisonText", () => {
  it("shows the ratio of every round and names Node's version", () => {
    const rows = withPlainMultiples([rates(BASE, [200, 100]), rates(OURS, [300, 110])], "plain");
    const columns = [{ key: "countedPerSecond", label: "counted/s", digits: 0 }];
    const text = comparisonText({ name: "t", title: "T", how: "How.", columns, rows }, "v20.0.0");
    expect(text).toContain("Node v20.0.0");
    expect(text).toContain("| counted/s | 150 [100..200] | 205 [110..300] | 1.300 [1.100..1.500] | 1.500 1.100");
  });
});
