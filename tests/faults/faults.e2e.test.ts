import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STANDALONE_FAULTS } from "./catalogue.ts";
import { SEED } from "./options.ts";
import { lineOf } from "./report.ts";
import { startStandalone, type Standalone } from "./rig.ts";
import { underLoad } from "./trial.ts";

/** One fault of each kind that no other test covers (ingest-outages covers a full and a frozen Redis). `npm run test:faults` runs all. */
const SHORT = ["redis-and-all-sigkill", "network-answers-lost-10s"];

/** Half of the default, because other tests run at the same time. */
const WEBHOOKS_PER_SECOND = 300;

let setup: Standalone;
beforeAll(async () => {
  setup = await startStandalone();
});
afterAll(async () => setup?.rig.stop());

describe(`each webhook answered 200 is counted once, whatever fails under load (FAULTS_SEED=${SEED})`, () => {
  const faults = STANDALONE_FAULTS.filter(({ name }) => SHORT.includes(name));

  it.each(faults)("$name", { timeout: 180_000 }, async ({ name, load, inject }) => {
    const options = { fault: name, seed: SEED, webhooksPerSecond: WEBHOOKS_PER_SECOND, ...load };
    const result = await underLoad(setup.rig, options, inject(setup));
    expect(result.faults, lineOf(result)).toEqual([]);
    expect([result.lost, result.countedTwice], lineOf(result)).toEqual([0, 0]);
  });

  it("finds a fault for each name in the list", () => {
    expect(faults).toHaveLength(SHORT.length);
  });
});
