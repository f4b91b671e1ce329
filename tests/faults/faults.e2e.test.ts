import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshInstance, statusOf } from "../support/webhooks.ts";
import { STANDALONE_FAULTS } from "./catalogue.ts";
import { compare } from "./checker.ts";
import { SEED } from "./options.ts";
import { lineOf } from "./report.ts";
import { startStandalone, type Standalone } from "./rig.ts";
import { underLoad } from "./trial.ts";

/**
 * One fault of each kind that no other test covers (ingest-outages covers a full and a frozen Redis). The one that ends the processes comes last,
 * because they would be started again for the next one. `npm run test:faults` runs all.
 */
const SHORT = ["network-answers-lost-10s", "redis-and-all-sigkill"];

/** Less than in the campaign, because other tests run at the same time: hundreds of webhooks before, during and after a fault. */
const LOAD = { webhooksPerSecond: 300, webhooksPerSecondInRecovery: 30, connections: 16, size: 8_000 };

let setup: Standalone;
beforeAll(async () => {
  setup = await startStandalone();
});
afterAll(async () => setup?.rig.stop());

describe(`each webhook answered 200 is counted once, whatever fails under load (FAULTS_SEED=${SEED})`, () => {
  const faults = SHORT.flatMap((short) => STANDALONE_FAULTS.filter(({ name }) => name === short));

  it.each(faults)("$name", { timeout: 180_000 }, async ({ name, load, inject }) => {
    const options = { fault: name, seed: SEED, ...LOAD, ...load };
    const result = await underLoad(setup.rig, options, inject(setup));
    expect(result.faults, lineOf(result)).toEqual([]);
    expect([result.lost, result.countedTwice], lineOf(result)).toEqual([0, 0]);
  });

  it("finds a fault for each name in the list", () => {
    expect(faults).toHaveLength(SHORT.length);
  });

  it("reports what is lost and what is counted twice", async () => {
    const { system } = setup.rig;
    const instance = freshInstance();
    const [first = "", second = ""] = ["M1", "M2"].map((id) => JSON.stringify(statusOf(instance, id, "sent")));
    await system.accept(first);
    await system.drained();
    const compared = async (...webhooks: string[]) => compare(system, [instance], webhooks);
    expect(await compared(first)).toEqual({ lost: 0, countedTwice: 0, differences: [] });
    const lost = await compared(first, second);
    expect([lost.lost > 0, lost.countedTwice]).toEqual([true, 0]);
    expect(lost.differences.join()).toContain("message M2");
    await system.accept(second);
    await system.drained();
    const twice = await compared(first);
    expect([twice.lost, twice.countedTwice > 0]).toEqual([0, true]);
    expect(twice.differences.join()).toContain("message M2 was never reported");
  });
});
