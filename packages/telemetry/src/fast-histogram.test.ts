import { Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { FastHistogram } from "./fast-histogram.ts";

const ABOUT = { name: "ack_seconds", help: "Time to the answer,\nin seconds." };
const BUCKETS = [0.001, 0.02, 0.5, 1, 5];

function exposed(values: readonly number[]) {
  const [fast, usual] = [new Registry(), new Registry()];
  const ours = new FastHistogram({ ...ABOUT, buckets: BUCKETS, registry: fast });
  const theirs = new Histogram({ ...ABOUT, buckets: BUCKETS, registers: [usual] });
  for (const value of values) {
    ours.observe(value);
    theirs.observe(value);
  }
  return { fast, usual };
}

describe("FastHistogram", () => {
  it.each([
    ["nothing", []],
    ["values in every bucket", [0, 0.0001, 0.01, 0.3, 0.7, 3, 10]],
    ["values at the bounds", BUCKETS],
    ["values above all bounds", [5.000001, 1e9]],
    ["values whose sum is rounded", [0.1, 0.2, 0.7, 1 / 3]],
  ])("has the same exposition as prom-client's histogram, byte for byte, after %s", async (_, values) => {
    const { fast, usual } = exposed(values);
    expect(await fast.metrics()).toBe(await usual.metrics());
    // A second scrape shows the same values.
    expect(await fast.metrics()).toBe(await usual.metrics());
  });

  it("has the registry's default labels", async () => {
    const { fast, usual } = exposed([0.01]);
    for (const registry of [fast, usual]) registry.setDefaultLabels({ app: "ingest" });
    expect(await fast.metrics()).toBe(await usual.metrics());
  });
});
