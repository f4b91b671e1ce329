import { StoreUnavailableError, type InstanceId } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { KnownInstances } from "./known-instances.ts";

/** Knows instance 1 and 2; `readings` are the calls that were made of it. */
function world() {
  const readings: (readonly InstanceId[])[] = [];
  const state = { isAway: false, clock: 1 };
  const registry = {
    register: async () => Promise.resolve(),
    registered: async (asked: readonly InstanceId[]) => {
      readings.push(asked);
      await new Promise((resolve) => setImmediate(resolve));
      if (state.isAway) throw new StoreUnavailableError("Redis is away");
      return asked.filter((instance) => ["1", "2"].includes(instance));
    },
  };
  return { state, readings, instances: new KnownInstances(registry, false, () => state.clock) };
}

describe("the check of all instances in use every ten seconds", () => {
  it("is one reading, whatever the number of jobs in progress", async () => {
    const { state, readings, instances } = world();
    await instances.admitted(["1", "2"]);
    state.clock += 10_000;
    const jobs = Array.from({ length: 32 }, async () => instances.admitted(["1"]));
    for (const admitted of await Promise.all(jobs)) expect(admitted).toEqual(new Set(["1"]));
    expect(readings).toEqual([
      ["1", "2"],
      ["1", "2"],
    ]);
  });

  it("is repeated by the jobs that it failed for", async () => {
    const { state, instances } = world();
    await instances.admitted(["1", "2"]);
    state.clock += 10_000;
    state.isAway = true;
    const failed = await Promise.allSettled([instances.admitted(["1"]), instances.admitted(["2"])]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    state.isAway = false;
    expect(await instances.admitted(["1", "3"])).toEqual(new Set(["1"]));
  });

  it("is not waited for where the registry itself is to be asked: it may have begun before a deletion", async () => {
    const { state, readings, instances } = world();
    await instances.admitted(["1", "2"]);
    state.clock += 10_000;
    const job = instances.admitted(["1"]);
    expect(await instances.admittedNow(["2", "3"])).toEqual(new Set(["2"]));
    await job;
    expect(readings.slice(1)).toEqual([
      ["1", "2"],
      ["2", "3"],
    ]);
  });
});
