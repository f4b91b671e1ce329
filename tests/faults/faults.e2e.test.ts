import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STANDALONE_FAULTS } from "./catalogue.ts";
import { SEED } from "./options.ts";
import { lineOf } from "./report.ts";
import { startStandalone, type Standalone } from "./rig.ts";
import { underLoad } from "./trial.ts";

/** One of each kind that no other test has (a full and a frozen Redis: ingest-outages); `npm run test:faults` runs them all. */
const SHORT = ["redis-and-all-sigkill", "network-answers-lost-10s"];

/** Half of the usual: other tests run at the same time. */
const WEBHOOKS_PER_SECOND = 300;

let stage: Standalone;
beforeAll(async () => {
  stage = await startStandalone();
});
afterAll(async () => stage?.rig.stop());

describe(`every 200 is counted, and once, whatever breaks under load (FAULTS_SEED=${SEED})`, () => {
  const faults = STANDALONE_FAULTS.filter(({ name }) => SHORT.includes(name));

  it.each(faults)("$name", { timeout: 180_000 }, async ({ name, load, strike }) => {
    const options = { fault: name, seed: SEED, webhooksPerSecond: WEBHOOKS_PER_SECOND, ...load };
    const result = await underLoad(stage.rig, options, strike(stage));
    expect(result.faults, lineOf(result)).toEqual([]);
    expect([result.lost, result.countedTwice], lineOf(result)).toEqual([0, 0]);
  });

  it("has a fault for each name", () => {
    expect(faults).toHaveLength(SHORT.length);
  });
});
