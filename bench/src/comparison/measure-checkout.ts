// Measures the checkout in the working folder once, with that checkout's own benchmark, and sends the figures to the parent process. It imports
// the modules in MODULES from the checkout: if one is renamed, its old name must stay there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseJson } from "../../../scripts/process/json.mjs";
import { drainContender, PLAIN_SHARE, WEBHOOKS_A_JOB } from "../contenders/draining.ts";
import { storeMicros } from "../stores/store-cost.ts";
import type { Sample } from "../results/statistics.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";
import type { FillQueue } from "../contenders/draining.ts";
import type * as contenders from "../contenders/contenders.ts";
import type * as runningContender from "../contenders/running-contender.ts";
import type * as events from "../load/events.ts";
import type * as traffic from "../load/traffic.ts";
import type * as endToEndSection from "../sections/end-to-end.ts";
import type * as fillQueue from "../stores/fill-queue.ts";
import type * as ourStore from "../stores/our-store.ts";
import type * as stores from "../stores/stores.ts";

/** `now` is Unix ms, and the same for all contenders, so that they get the same webhooks. */
export interface Common {
  durability: Durability;
  webhooks: number;
  now: number;
}
export type EndToEndTask = Common & { kind: "endToEnd"; contender: string; connections: number; seconds: number };
export type DrainTask = Common & { kind: "drain"; contender: string };
export type BatchCostTask = Common & { kind: "batchCost"; instances: number; sizes: readonly number[] };
export type Task = EndToEndTask | DrainTask | BatchCostTask;

interface Benchmark {
  readonly contenders: typeof contenders;
  readonly running: typeof runningContender;
  readonly events: typeof events;
  readonly traffic: typeof traffic;
  readonly endToEnd: typeof endToEndSection;
  readonly fillQueue: typeof fillQueue;
  readonly ourStore: typeof ourStore;
  readonly stores: typeof stores;
}

/** The paths of the modules: compiled, and in older checkouts. */
const MODULES = {
  contenders: ["contenders/contenders.js", "contenders.mjs"],
  running: ["contenders/running-contender.js", "running-contender.mjs"],
  events: ["load/events.js", "events.mjs"],
  traffic: ["load/traffic.js", "traffic.mjs"],
  endToEnd: ["sections/end-to-end.js", "sections/end-to-end.mjs"],
  fillQueue: ["stores/fill-queue.js", "fill-queue.mjs"],
  ourStore: ["stores/our-store.js", "our-store.mjs"],
  stores: ["stores/stores.js", "stores.mjs"],
} as const;

/** A module of the checkout's own benchmark. */
async function own<Name extends keyof Benchmark>(module: Name): Promise<Benchmark[Name]> {
  const [compiled, old] = MODULES[module];
  const path = join(process.cwd(), "bench", "dist", compiled);
  const there = existsSync(path) ? path : join(process.cwd(), "bench", old);
  return (await import(pathToFileURL(there).href)) as Benchmark[Name];
}

async function trafficOf({ webhooks, now, instances = 1_000 }: Common & { instances?: number }) {
  const { makeTraffic } = await own("traffic");
  return makeTraffic({ webhooks, instances, now });
}

async function contenderOf(name: string) {
  const { contender } = await own("contenders");
  return contender(name);
}

async function endToEnd(task: EndToEndTask): Promise<Sample> {
  const { measureOne } = await own("endToEnd");
  return measureOne(task.contender, { ...task, traffic: await trafficOf(task) });
}

async function drain(task: DrainTask): Promise<Sample> {
  const { durability } = task;
  const queues = await own("fillQueue");
  const running = await own("running");
  const contender = await contenderOf(task.contender);
  const isPlain = task.contender === "bullmq";
  const fill: FillQueue = async (url, bodies) =>
    isPlain ? queues.fillPlainQueue(url, bodies) : queues.fillOurQueue(url, bodies, WEBHOOKS_A_JOB);
  const webhooks = isPlain ? task.webhooks * PLAIN_SHARE : task.webhooks;
  return drainContender(running, contender, { traffic: await trafficOf({ ...task, webhooks }), durability, fill });
}

async function batchCost(task: BatchCostTask): Promise<Sample> {
  const { applyAll, batchesOf, eventsOf } = await own("events");
  const { ourStore } = await own("ourStore");
  const { startRedisStore } = await own("stores");
  const parts = { applyAll, batchesOf, ourStore, startRedisStore };
  const events = eventsOf((await trafficOf(task)).bodies);
  const sample: Sample = {};
  for (const size of task.sizes) {
    sample[`size${size}`] = await storeMicros(parts, events, { size, durability: task.durability });
  }
  return sample;
}

async function measure(task: Task) {
  switch (task.kind) {
    case "endToEnd":
      return endToEnd(task);
    case "drain":
      return drain(task);
    case "batchCost":
      return batchCost(task);
  }
}

// If the parent process has ended, nothing else would stop the processes that were started here.
process.once("disconnect", () => process.exit(1));
const task = parseJson(process.argv[2] ?? "") as Task;
const sample = await measure(task);
process.send?.({ node: process.version, sample }, () => process.exit());
