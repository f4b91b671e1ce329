import { describe, expect, it } from "vitest";
import { ApiError } from "../http/api-error.ts";
import { LargeQueries } from "./large-queries.ts";
import { readTimedCounts } from "./timed-counts.ts";

const INSTANCES = Array.from({ length: 10_000 }, (_, i) => ({ id: String(i), name: `account ${String(i)}` }));

/** @returns the number of instances that were read */
async function read(days: number): Promise<number> {
  const deps = {
    counts: { eachCount: async () => Promise.resolve() },
    labels: { eachLabelCount: async () => Promise.resolve() },
    largeQueries: new LargeQueries(),
  };
  let ended = 0;
  const end = () => {
    ended += 1;
  };
  const period = { from: 0, to: days * 24 + 1 };
  await readTimedCounts(
    deps,
    { instances: INSTANCES, sources: ["hours", "cohorts"], ...period, isWanted: () => true },
    () => ({ take: () => undefined, end }),
  );
  return ended;
}

describe("a query over 10,000 instances", () => {
  it("can cover a month by message time, which is stored in two places", async () => {
    expect(await read(31)).toBe(INSTANCES.length);
  });

  it("is refused for a year", async () => {
    await expect(read(365)).rejects.toThrow(ApiError);
  });
});
