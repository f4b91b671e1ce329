import { isDeepStrictEqual } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { freeLoopbackPort } from "../scripts/process/free-port.mjs";
import { checkNode, cpuSeconds, end, peakMib } from "./processes.mjs";
import { startStore } from "./stores.mjs";

/** @typedef {import("./contenders.mjs").Contender} Contender */
/** @typedef {import("./contenders.mjs").Role} Role */
/** @typedef {{ ingest: number, worker: number, store: number }} Cpu seconds used so far */

const TOKEN = "bench-token-0123456789";
const DRAIN_POLL_MS = 5;
const STUCK_AFTER_MS = 60_000;

/** @typedef {Awaited<ReturnType<typeof startContender>>} Running */

/**
 * A contender on a fresh store of its own.
 * @param {Contender} contender
 * @param {{ durability: import("./stores.mjs").Durability, roles?: readonly Role[] }} options
 */
export async function startContender(contender, { durability, roles = contender.roles }) {
  const store = await startStore(contender.store, durability);
  const place = { storeUrl: store.url, port: await freeLoopbackPort(), token: TOKEN };
  /** @type {Map<Role, import("./processes.mjs").ChildProcess>} */
  const children = new Map();
  const start = async (/** @type {Role} */ role) => {
    const child = await contender.start(role, place);
    checkNode(child);
    children.set(role, child);
  };
  await Promise.all(roles.map(start));
  const inspector = await contender.inspect(store.url);
  return {
    door: { port: place.port, path: contender.path, token: TOKEN },
    storeUrl: store.url,
    inspector,
    start,
    /** The highest resident memory so far, MiB. @param {Role} role */
    peakMib: (role) => peakMib(children.get(role)?.pid),
    /** @returns {Cpu} */
    cpu: () => ({
      ingest: cpuSeconds(children.get("ingest")?.pid),
      worker: cpuSeconds(children.get("worker")?.pid),
      store: store.cpuSeconds(),
    }),
    stop: async () => {
      await end([...children.values()]);
      await inspector.close();
      await store.stop();
    },
  };
}

/** Until nothing waits any more. @param {Running} running */
export async function untilDrained({ inspector }) {
  let [left, changedAt] = [Infinity, Date.now()];
  for (;;) {
    const askedAt = performance.now();
    const { waiting } = await inspector.queue();
    if (waiting === 0) return;
    // Asking must not take from who is measured: a count in PostgreSQL reads every job.
    const pauseMs = Math.max(DRAIN_POLL_MS, 10 * (performance.now() - askedAt));
    if (waiting !== left) [left, changedAt] = [waiting, Date.now()];
    if (Date.now() - changedAt > STUCK_AFTER_MS) throw new Error(`${waiting} wait, and none was taken for a minute`);
    await delay(pauseMs);
  }
}

/**
 * A contender that counts wrong has not done the work.
 * @param {string} name
 * @param {{ inspector: Pick<import("./inspectors.mjs").Inspector, "totals"> }} running
 * @param {import("./traffic.mjs").Totals} expected
 */
export async function checkTotals(name, { inspector }, expected) {
  const counted = {
    ...Object.fromEntries(Object.keys(expected).map((word) => [word, 0])),
    ...(await inspector.totals()),
  };
  if (isDeepStrictEqual(counted, { ...expected })) return;
  throw new Error(`${name} counted wrong: ${JSON.stringify(counted)} in place of ${JSON.stringify(expected)}`);
}
