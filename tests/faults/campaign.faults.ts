import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCENARIOS, STANDALONE_FAULTS, THREE_WORKERS_FAULTS, type StandaloneFault } from "./catalogue.ts";
import { SEED, isSelected } from "./options.ts";
import { lineOf, tableOf } from "./report.ts";
import { startStandalone, type RigOptions, type Standalone } from "./rig.ts";
import { underLoad, type Result } from "./trial.ts";

const results: Result[] = [];
const keep = (result: Result) => {
  results.push(result);
  process.stdout.write(`${lineOf(result)}\n`);
  expect(result.faults).toEqual([]);
  expect(result.countedTwice).toBe(0);
  if (!result.mayLose) expect(result.lost).toBe(0);
};

afterAll(() => {
  process.stdout.write(`\nseed ${SEED}\n${tableOf(results)}\n\n`);
});

const SETUPS: readonly {
  readonly with: string;
  readonly options?: RigOptions;
  readonly faults: readonly StandaloneFault[];
}[] = [
  { with: "one worker", faults: STANDALONE_FAULTS.filter(isSelected) },
  { with: "three workers", options: { workers: 3 }, faults: THREE_WORKERS_FAULTS.filter(isSelected) },
];
for (const { with: workers, options, faults } of SETUPS) {
  describe.skipIf(faults.length === 0)(
    `under load, with ${workers}, each webhook answered 200 is counted once despite the fault (seed ${SEED})`,
    () => {
      let setup: Standalone;
      beforeAll(async () => {
        setup = await startStandalone(options);
      });
      afterAll(async () => setup?.rig.stop());

      it.each(faults)("$name", { timeout: 600_000 }, async ({ name, load, inject }) => {
        keep(await underLoad(setup.rig, { fault: name, seed: SEED, ...load }, inject(setup)));
      });
    },
  );
}

const scenarios = SCENARIOS.filter(isSelected).map((scenario) => ({ ...scenario, lack: scenario.lacks?.() }));
describe.skipIf(scenarios.length === 0)(`faults that need their own setup (seed ${SEED})`, () => {
  for (const { name, lack, run } of scenarios) {
    it.skipIf(lack !== undefined)(lack === undefined ? name : `${name}: ${lack}`, { timeout: 600_000 }, async () => {
      keep(await run(SEED));
    });
  }
});
