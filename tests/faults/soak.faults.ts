import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomOf } from "../support/day.ts";
import { SOAK_FAULTS } from "./catalogue.ts";
import { SEED, SOAK_MINUTES, isSelected } from "./options.ts";
import { Readers } from "./readers.ts";
import { lineOf, tableOf } from "./report.ts";
import { resources, resourcesText } from "./resources.ts";
import { startStandalone, type Standalone } from "./rig.ts";
import { schedule } from "./schedule.ts";
import { trends, trendsTable, type Snapshot } from "./trends.ts";
import { underLoad, type Result } from "./trial.ts";

const MORE_MS = 300_000;
const MINUTE_MS = 60_000;
/**
 * Messages are kept for 6 to 9 minutes, and instances are removed after 10. In the second half of a 30-minute run, as much data expires as
 * arrives, so anything that still grows is a leak.
 */
const RETENTION_MINUTES = 6;
const INSTANCE_MINUTES = 10;

let setup: Standalone;
beforeAll(async () => {
  setup = await startStandalone({ env: { MESSAGE_RETENTION_DAYS: String(RETENTION_MINUTES / 1440) } });
});
afterAll(async () => setup?.rig.stop());

const print = (line: string) => process.stdout.write(`${line}\n`);

describe(`one fault after the other for ${SOAK_MINUTES} minutes (seed ${SEED})`, () => {
  it(
    "loses and repeats no counts, and no resource use grows",
    { timeout: SOAK_MINUTES * MINUTE_MS + MORE_MS },
    async () => {
      const startedAt = Date.now();
      const minutes = () => (Date.now() - startedAt) / MINUTE_MS;
      const faults = schedule(SOAK_FAULTS.filter(isSelected), randomOf(SEED));
      const results: Result[] = [];
      const snapshots: Snapshot[] = [];
      const existing: { readonly sinceMinutes: number; readonly instances: readonly string[] }[] = [];
      const readers = new Readers(setup.rig.system);
      for (let round = 1; round === 1 || minutes() < SOAK_MINUTES; round++) {
        const { name, load, inject } = faults.next().value;
        const result = await underLoad(setup.rig, { fault: name, seed: SEED + round, ...load }, inject(setup));
        results.push(result);
        print(lineOf(result));
        for (const fault of result.faults) print(`  FAILED: ${fault}`);
        existing.push({ sinceMinutes: minutes(), instances: result.instances });
        while ((existing[0]?.sinceMinutes ?? Infinity) < minutes() - INSTANCE_MINUTES) {
          for (const instance of existing.shift()?.instances ?? []) await remove(instance);
        }
        snapshots.push({ atMinutes: minutes(), measures: await resources(setup) });
        print(`  minute ${minutes().toFixed(1)}: ${resourcesText(snapshots.at(-1)?.measures ?? new Map())}`);
      }
      await readers.end();
      print(
        `\nseed ${SEED}, REST answered ${readers.answers} times\n${tableOf(results)}\n\n${trendsTable(snapshots)}\n`,
      );
      expect(results.flatMap(({ fault, faults: failed }) => failed.map((text) => `${fault}: ${text}`))).toEqual([]);
      expect(results.filter(({ lost, countedTwice }) => lost + countedTwice > 0)).toEqual([]);
      expect(readers.unexpected).toEqual([]);
      expect(trends(snapshots).filter(({ verdict }) => verdict === "grows")).toEqual([]);
      expect([...setup.rig.apps.values()].map(({ ends }) => ends)).toEqual([0, 0, 0]);
    },
  );
});

/** An instance without webhooks does not exist (404). */
async function remove(instance: string): Promise<void> {
  const { status, text } = await setup.rig.system.send("DELETE", `/instances/${instance}`);
  if (status !== 200 && status !== 404) throw new Error(`${instance} was not removed: ${status} ${text}`);
}
