import { readdirSync, readFileSync } from "node:fs";
import type { App } from "../support/app-process.ts";
import { until } from "../support/until.ts";
import { pause } from "./pause.ts";
import type { Standalone } from "./rig.ts";

/** What one process holds. */
interface Held {
  readonly residentMegabytes: number;
  /** The least of several looks: just after a garbage collection. */
  readonly heapMegabytes: number;
  readonly openFiles: number;
}

export interface Resources {
  readonly apps: ReadonlyMap<App, Held>;
  readonly redisMegabytes: number;
  readonly redisClients: number;
}

const LOOKS = 12;
const LOOK_EVERY_MS = 500;
const MEGABYTE = 1024 * 1024;
const APPS: readonly App[] = ["ingest", "worker", "api"];

/** What everybody holds once it has come to rest: scrapes make garbage enough for collections in between. */
export async function resources({ rig }: Standalone): Promise<Resources> {
  const heaps = new Map<App, number>();
  for (let look = 0; look < LOOKS; look++) {
    for (const app of APPS) {
      const heap = (await rig.system.prometheus(app)).value("nodejs_heap_size_used_bytes");
      heaps.set(app, Math.min(heaps.get(app) ?? Infinity, heap));
    }
    await pause(LOOK_EVERY_MS);
  }
  const info = await until("Redis tells of itself", async () => rig.system.askRedis("INFO"));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  return {
    apps: new Map(APPS.map((app) => [app, held(rig.app(app).pid, heaps.get(app) ?? 0)])),
    redisMegabytes: field("used_memory") / MEGABYTE,
    redisClients: field("connected_clients"),
  };
}

function held(pid: number, heapBytes: number): Held {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return {
    residentMegabytes: Number(kilobytes) / 1024,
    heapMegabytes: heapBytes / MEGABYTE,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** Growth by this share and so much more is taken for chance: V8 sizes its heap by what it has just done. */
const SHARE_MAX = 1.3;
const MEGABYTES_MAX = 40;
const FILES_MAX = 8;

/** @returns what has grown between two looks at the same processes, in words */
export function grown(before: Resources, after: Resources): readonly string[] {
  const told: string[] = [];
  const tell = (what: string, from: number, to: number, bound: number) => {
    if (to > bound) told.push(`${what} grew from ${from.toFixed(0)} to ${to.toFixed(0)}`);
  };
  for (const [app, now] of after.apps) {
    const then = before.apps.get(app);
    if (then === undefined) continue;
    const memory = (size: number) => size * SHARE_MAX + MEGABYTES_MAX;
    tell(`${app}: resident MB`, then.residentMegabytes, now.residentMegabytes, memory(then.residentMegabytes));
    tell(`${app}: heap MB`, then.heapMegabytes, now.heapMegabytes, memory(then.heapMegabytes));
    tell(`${app}: open files`, then.openFiles, now.openFiles, then.openFiles + FILES_MAX);
  }
  tell("Redis's clients", before.redisClients, after.redisClients, before.redisClients + FILES_MAX);
  return told;
}

export function resourcesText({ apps, redisMegabytes, redisClients }: Resources): string {
  const each = [...apps].map(
    ([app, { residentMegabytes, heapMegabytes, openFiles }]) =>
      `${app} ${residentMegabytes.toFixed(0)} MB resident, ${heapMegabytes.toFixed(1)} MB heap, ${openFiles} files`,
  );
  return [...each, `Redis ${redisMegabytes.toFixed(1)} MB, ${redisClients} clients`].join("; ");
}
