// Measures the checkout in the working folder once, with that checkout's own benchmark, and sends the figures to the parent
// process. Of a checkout it needs what is imported by `own` below, under these names: a rename ends comparisons across it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseJson } from "../../scripts/process/json.mjs";
import { drainContender, PLAIN_SHARE, WEBHOOKS_A_JOB } from "../draining.mjs";
import { storeMicros } from "../store-cost.mjs";

/** @typedef {import("../statistics.mjs").Sample} Sample */
/** @typedef {{ durability: import("../stores.mjs").Durability, webhooks: number, now: number }} Common now: Unix ms, the same for all who are measured, so that they get the same webhooks */
/** @typedef {Common & { kind: "endToEnd", contender: string, connections: number, seconds: number }} EndToEndTask */
/** @typedef {Common & { kind: "drain", contender: string }} DrainTask */
/** @typedef {Common & { kind: "batchCost", instances: number, sizes: readonly number[] }} BatchCostTask */
/** @typedef {EndToEndTask | DrainTask | BatchCostTask} Task */

/** A module of the checkout's own benchmark. @param {string} path */
async function own(path) {
  return /** @type {Promise<unknown>} */ (import(pathToFileURL(join(process.cwd(), "bench", path)).href));
}

/** @param {Common & { instances?: number }} task */
async function trafficOf({ webhooks, now, instances = 1_000 }) {
  const { makeTraffic } = /** @type {typeof import("../traffic.mjs")} */ (await own("traffic.mjs"));
  return makeTraffic({ webhooks, instances, now });
}

/** @param {string} name */
async function contenderOf(name) {
  const { contender } = /** @type {typeof import("../contenders.mjs")} */ (await own("contenders.mjs"));
  return contender(name);
}

/** @param {EndToEndTask} task @returns {Promise<Sample>} */
async function endToEnd(task) {
  const { measureOne } = /** @type {typeof import("../sections/end-to-end.mjs")} */ (
    await own("sections/end-to-end.mjs")
  );
  return measureOne(task.contender, { ...task, traffic: await trafficOf(task) });
}

/** @param {DrainTask} task @returns {Promise<Sample>} */
async function drain(task) {
  const { durability } = task;
  const queues = /** @type {typeof import("../fill-queue.mjs")} */ (await own("fill-queue.mjs"));
  const running = /** @type {typeof import("../running-contender.mjs")} */ (await own("running-contender.mjs"));
  const contender = await contenderOf(task.contender);
  const isPlain = task.contender === "bullmq";
  /** @type {import("../draining.mjs").FillQueue} */
  const fill = async (url, bodies) =>
    isPlain ? queues.fillPlainQueue(url, bodies) : queues.fillOurQueue(url, bodies, WEBHOOKS_A_JOB);
  const webhooks = isPlain ? task.webhooks * PLAIN_SHARE : task.webhooks;
  return drainContender(running, contender, { traffic: await trafficOf({ ...task, webhooks }), durability, fill });
}

/** @param {BatchCostTask} task @returns {Promise<Sample>} */
async function batchCost(task) {
  const { applyAll, batchesOf, eventsOf } = /** @type {typeof import("../events.mjs")} */ (await own("events.mjs"));
  const { ourStore } = /** @type {typeof import("../our-store.mjs")} */ (await own("our-store.mjs"));
  const { startRedisStore } = /** @type {typeof import("../stores.mjs")} */ (await own("stores.mjs"));
  const parts = { applyAll, batchesOf, ourStore, startRedisStore };
  const events = eventsOf((await trafficOf(task)).bodies);
  /** @type {Sample} */
  const sample = {};
  for (const size of task.sizes) {
    sample[`size${size}`] = await storeMicros(parts, events, { size, durability: task.durability });
  }
  return sample;
}

/** @param {Task} task */
async function measure(task) {
  switch (task.kind) {
    case "endToEnd":
      return endToEnd(task);
    case "drain":
      return drain(task);
    case "batchCost":
      return batchCost(task);
  }
}

// With the parent process gone nothing would end what has been started here.
process.once("disconnect", () => process.exit(1));
const task = /** @type {Task} */ (parseJson(process.argv[2] ?? ""));
const sample = await measure(task);
process.send?.({ node: process.version, sample }, () => process.exit());
