import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomOf } from "../support/day.ts";
import { SOAK_FAULTS } from "./catalogue.ts";
import { SEED, SOAK_MINUTES, takesPart } from "./options.ts";
import { Readers } from "./readers.ts";
import { lineOf, tableOf } from "./report.ts";
import { resources, resourcesText } from "./resources.ts";
import { startStandalone, type Standalone } from "./rig.ts";
import { schedule } from "./schedule.ts";
import { trends, trendsTable, type Look } from "./trends.ts";
import { underLoad, type Result } from "./trial.ts";

const MORE_MS = 300_000;
const MINUTE_MS = 60_000;
/**
 * Messages are kept for 6 to 9 minutes and instances removed after 10, so that in the second half of half an hour as much goes
 * as comes, and whatever still grows does so for good.
 */
const RETENTION_MINUTES = 6;
const INSTANCE_MINUTES = 10;

let stage: Standalone;
beforeAll(async () => {
  stage = await startStandalone({ env: { MESSAGE_RETENTION_DAYS: String(RETENTION_MINUTES / 1440) } });
});
afterAll(async () => stage?.rig.stop());

const print = (line: string) => process.stdout.write(`${line}\n`);

describe(`one fault after the other for ${SOAK_MINUTES} minutes (seed ${SEED})`, () => {
  it("costs no 200, and nothing piles up", { timeout: SOAK_MINUTES * MINUTE_MS + MORE_MS }, async () => {
    const startedAt = Date.now();
    const minutes = () => (Date.now() - startedAt) / MINUTE_MS;
    const faults = schedule(SOAK_FAULTS.filter(takesPart), randomOf(SEED));
    const results: Result[] = [];
    const looks: Look[] = [];
    const living: { readonly sinceMinutes: number; readonly instances: readonly string[] }[] = [];
    const readers = new Readers(stage.rig.system);
    for (let round = 1; round === 1 || minutes() < SOAK_MINUTES; round++) {
      const { name, load, strike } = faults.next().value;
      const result = await underLoad(stage.rig, { fault: name, seed: SEED + round, ...load }, strike(stage));
      results.push(result);
      print(lineOf(result));
      for (const fault of result.faults) print(`  BROKEN: ${fault}`);
      living.push({ sinceMinutes: minutes(), instances: result.instances });
      while ((living[0]?.sinceMinutes ?? Infinity) < minutes() - INSTANCE_MINUTES) {
        for (const instance of living.shift()?.instances ?? []) await remove(instance);
      }
      looks.push({ atMinutes: minutes(), measures: await resources(stage) });
      print(`  minute ${minutes().toFixed(1)}: ${resourcesText(looks.at(-1)?.measures ?? new Map())}`);
    }
    await readers.end();
    print(`\nseed ${SEED}, REST answered ${readers.answers} times\n${tableOf(results)}\n\n${trendsTable(looks)}\n`);
    expect(results.flatMap(({ fault, faults: broken }) => broken.map((text) => `${fault}: ${text}`))).toEqual([]);
    expect(results.filter(({ lost, countedTwice }) => lost + countedTwice > 0)).toEqual([]);
    expect(readers.strange).toEqual([]);
    expect(trends(looks).filter(({ verdict }) => verdict === "grows")).toEqual([]);
    expect([...stage.rig.apps.values()].map(({ ends }) => ends)).toEqual([0, 0, 0]);
  });
});

/** One that no webhook came for was never known. */
async function remove(instance: string): Promise<void> {
  const { status, text } = await stage.rig.system.send("DELETE", `/instances/${instance}`);
  if (status !== 200 && status !== 404) throw new Error(`${instance} is not removed: ${status} ${text}`);
}
