import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomOf } from "../support/day.ts";
import { SOAK_FAULTS } from "./catalogue.ts";
import { SEED, SOAK_MINUTES, takesPart } from "./options.ts";
import { lineOf, tableOf } from "./report.ts";
import { grown, resources, resourcesText } from "./resources.ts";
import { startStandalone, type Standalone } from "./rig.ts";
import { schedule } from "./schedule.ts";
import { underLoad, type Result } from "./trial.ts";

/** Caches fill and code gets compiled at first; what is held after so many rounds is what is compared with. */
const WARM_ROUNDS = 2;
const MORE_MS = 300_000;

let stage: Standalone;
beforeAll(async () => {
  stage = await startStandalone();
});
afterAll(async () => stage?.rig.stop());

const print = (line: string) => process.stdout.write(`${line}\n`);

describe(`one fault after the other for ${SOAK_MINUTES} minutes (seed ${SEED})`, () => {
  it("costs no 200, and nothing piles up", { timeout: SOAK_MINUTES * 60_000 + MORE_MS }, async () => {
    const endsAt = Date.now() + SOAK_MINUTES * 60_000;
    const faults = schedule(SOAK_FAULTS.filter(takesPart), randomOf(SEED));
    const results: Result[] = [];
    let before = await resources(stage);
    for (let round = 1; round <= WARM_ROUNDS || Date.now() < endsAt; round++) {
      const { name, load, strike } = faults.next().value;
      const result = await underLoad(stage.rig, { fault: name, seed: SEED + round, ...load }, strike(stage));
      results.push(result);
      print(lineOf(result));
      expect(result.faults).toEqual([]);
      expect([result.lost, result.countedTwice]).toEqual([0, 0]);
      const now = await resources(stage);
      print(`  ${resourcesText(now)}`);
      if (round === WARM_ROUNDS) before = now;
    }
    const after = await resources(stage);
    print(`\nseed ${SEED}\n${tableOf(results)}\n\nbefore: ${resourcesText(before)}\nafter:  ${resourcesText(after)}\n`);
    expect(grown(before, after)).toEqual([]);
    expect([...stage.rig.apps.values()].map(({ ends }) => ends)).toEqual([0, 0, 0]);
  });
});
