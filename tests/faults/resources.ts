import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../support/app-process.ts";
import { until } from "../support/until.ts";
import { pause } from "./pause.ts";
import type { Standalone } from "./rig.ts";

/** The resources in use at one moment, by name: `worker heap MB`, `Redis clients`. */
export type Measures = ReadonlyMap<string, number>;

const SAMPLES = 12;
const SAMPLE_EVERY_MS = 500;
const MEGABYTE = 1024 * 1024;
const APPS: readonly App[] = ["ingest", "worker", "api"];

/**
 * The resources that each process uses while it is idle. Heaps and handles are the minimum of several samples: that is the value just after a
 * garbage collection and between two scrapes. The scrapes themselves cause the garbage collections.
 */
export async function resources({ rig, dir }: Standalone): Promise<Measures> {
  const least = new Map<string, number>();
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const app of APPS) {
      const samples = await rig.system.prometheus(app);
      const note = (name: string, value: number) => least.set(name, Math.min(least.get(name) ?? Infinity, value));
      note(`${app} heap MB`, samples.value("nodejs_heap_size_used_bytes") / MEGABYTE);
      note(`${app} handles`, samples.sum("nodejs_active_resources"));
    }
    await pause(SAMPLE_EVERY_MS);
  }
  const info = await until("Redis answers INFO", async () => rig.system.askRedis("INFO"));
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

/** The size of all files in a folder. A rewrite of the append-only file may remove files meanwhile. */
function bytesBelow(dir: string): number {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(dir, name), { throwIfNoEntry: false }))
    .reduce((sum, file) => sum + (file?.isFile() === true ? file.size : 0), 0);
}

/** The measures of one snapshot in one line. */
export function resourcesText(measures: Measures): string {
  return [...measures].map(([name, value]) => `${name} ${roundedText(value)}`).join(", ");
}

export function roundedText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
