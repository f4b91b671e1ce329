import { describe, expect, it } from "vitest";
import { FleetSurvey } from "./fleet-survey.ts";

const INSTANCES = 100_000;
const SHOWN = 1_000;

async function* slices() {
  for (let from = 0; from < INSTANCES; from += 1_000) {
    await Promise.resolve();
    // Unsorted ids: 37 has no common factor with their number.
    yield Array.from({ length: 1_000 }, (_, i) => {
      const id = String(7_103_000_000 + ((37 * (from + i)) % INSTANCES));
      return { id, name: id };
    });
  }
}

const shown = Array.from({ length: SHOWN }, (_, i) => {
  const id = String(7_103_000_000 + i);
  return { id, name: id };
});
const begin = async () => Promise.resolve({ shown, sum: undefined });

describe("a survey of 100,000 instances", () => {
  it("does not delay scrapes for instances that are only summed, and sums each once", async () => {
    let goOn = (): void => undefined;
    const released = new Promise<void>((resolve) => (goOn = resolve));
    let largest = 0;
    const survey = new FleetSurvey<number>({
      registry: { slices },
      begin,
      add: async (sum = 0, some) => {
        await released;
        largest = Math.max(largest, some.length);
        return sum + some.length;
      },
      now: () => 0,
    });
    const first = await survey.latest();
    expect(first.shown).toEqual(shown);
    expect(first.sum).toBeUndefined();
    goOn();
    const later = await survey.latest();
    expect(later.sum).toBe(INSTANCES - SHOWN);
    expect(later.others.size).toBe(INSTANCES - SHOWN);
    expect(largest).toBeLessThanOrEqual(50);
  });

  it("pauses four times as long as it took, and exports its last result meanwhile", async () => {
    let [nowMs, begun] = [0, 0];
    const survey = new FleetSurvey<number>({
      registry: {
        slices: () => {
          begun += 1;
          return slices();
        },
      },
      begin,
      waitMs: 60_000,
      add: async (sum = 0, some) => {
        nowMs += 10;
        return Promise.resolve(sum + some.length);
      },
      now: () => nowMs,
    });
    const found = await survey.latest();
    const tookMs = nowMs;
    nowMs += 4 * tookMs - 1;
    expect(await survey.latest()).toBe(found);
    expect(begun).toBe(1);
    nowMs += 1;
    expect((await survey.latest()).sum).toBe(INSTANCES - SHOWN);
    expect(begun).toBe(2);
  });

  it("fails with its scrape, and is retried by the next one", async () => {
    let isAway = true;
    const survey = new FleetSurvey<number>({
      registry: {
        slices: () => {
          if (isAway) throw new Error("away");
          return slices();
        },
      },
      begin,
      add: async () => Promise.resolve(0),
      now: () => 0,
    });
    await expect(survey.latest()).rejects.toThrow("away");
    isAway = false;
    expect((await survey.latest()).shown).toHaveLength(SHOWN);
  });

  it("starts the sum with the given counts", async () => {
    const survey = new FleetSurvey<number>({
      registry: { slices },
      begin: async () => Promise.resolve({ shown, sum: 7 }),
      waitMs: 60_000,
      add: async (sum = 0, some) => Promise.resolve(sum + some.length),
      now: () => 0,
    });
    expect((await survey.latest()).sum).toBe(7 + INSTANCES - SHOWN);
  });
});

describe("a survey of instances that are all exported separately", () => {
  it("has the values at the time of the scrape, however long Redis takes", async () => {
    let nowMs = 0;
    const instances = [{ id: "1", name: "1" }];
    const survey = new FleetSurvey<number>({
      registry: {
        async *slices() {
          await Promise.resolve();
          yield [...instances];
        },
      },
      begin: async () => {
        const found = [...instances];
        await new Promise((resolve) => setImmediate(resolve));
        nowMs += 10_000;
        return { shown: found, sum: undefined };
      },
      waitMs: 0,
      add: async (sum = 0) => Promise.resolve(sum),
      now: () => nowMs,
    });
    expect((await survey.latest()).shown).toHaveLength(1);
    instances.push({ id: "2", name: "2" });
    expect((await survey.latest()).shown).toHaveLength(2);
  });
});
