import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../support/app-process.ts";
import { until } from "../support/until.ts";
import { pause } from "./pause.ts";
import type { Standalone } from "./rig.ts";

/** What was held at one moment, by what it is: `worker heap MB`, `Redis clients`. */
export type Measures = ReadonlyMap<string, number>;

const LOOKS = 12;
const LOOK_EVERY_MS = 500;
const MEGABYTE = 1024 * 1024;
const APPS: readonly App[] = ["ingest", "worker", "api"];

/**
 * What every process holds once it has come to rest. Of heaps and handles the least of several looks: just after a garbage
 * collection, for which scrapes make garbage enough, and between two scrapes.
 */
export async function resources({ rig, dir }: Standalone): Promise<Measures> {
  const least = new Map<string, number>();
  for (let look = 0; look < LOOKS; look++) {
    for (const app of APPS) {
      const samples = await rig.system.prometheus(app);
      const note = (name: string, value: number) => least.set(name, Math.min(least.get(name) ?? Infinity, value));
      note(`${app} heap MB`, samples.value("nodejs_heap_size_used_bytes") / MEGABYTE);
      note(`${app} handles`, samples.sum("nodejs_active_resources"));
    }
    await pause(LOOK_EVERY_MS);
  }
  const info = await until("Redis tells of itself", async () => rig.system.askRedis("INFO"));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  const samples = await rig.system.prometheus();
  return new Map([
    ...APPS.flatMap((app) => {
      const { pid } = rig.app(app);
      const ofApp = ["heap MB", "handles"].map((what) => [`${app} ${what}`, least.get(`${app} ${what}`) ?? 0] as const);
      const files = readdirSync(`/proc/${pid}/fd`).length;
      return [[`${app} RSS MB`, residentBytes(pid) / MEGABYTE] as const, ...ofApp, [`${app} files`, files] as const];
    }),
    ["Redis MB", field("used_memory") / MEGABYTE],
    ["Redis keys", Number(/^db0:keys=(\d+)/m.exec(info)?.[1] ?? 0)],
    ["Redis clients", field("connected_clients")],
    ["Redis files MB", bytesBelow(dir) / MEGABYTE],
    ["instances", samples.all("ticktally_instance_last_webhook_timestamp_seconds").length],
  ]);
}

function residentBytes(pid: number): number {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

/** A rewrite of the append-only file may take one away while they are counted. */
function bytesBelow(dir: string): number {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(dir, name), { throwIfNoEntry: false }))
    .reduce((sum, file) => sum + (file?.isFile() === true ? file.size : 0), 0);
}

/** The measures of one look in one line. */
export function resourcesText(measures: Measures): string {
  return [...measures].map(([name, value]) => `${name} ${roundedText(value)}`).join(", ");
}

export function roundedText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
