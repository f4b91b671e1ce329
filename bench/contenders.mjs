// Who takes part. Each is one program with two roles, ingest and worker, as its authors would write it.
import { freeLoopbackPort } from "../scripts/process/free-port.mjs";
import {
  clusterInspector,
  plainBullQueue,
  ourQueue,
  pgBossInspector,
  redisInspector,
  streamQueue,
} from "./inspectors.mjs";
import { ourTotals } from "./contenders/ours/totals.mjs";
import { plainTotals } from "./contenders/plain/count-webhook.mjs";
import { launch, untilItIsReady, untilReadyAt } from "./processes.mjs";

/** @typedef {"ingest" | "worker"} Role */
/** @typedef {{ storeUrl: string, port: number, token: string }} Place */
/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {string} title
 * @property {string} path where webhooks are posted
 * @property {import("./stores.mjs").StoreKind} store
 * @property {readonly Role[]} roles
 * @property {(role: Role, place: Place) => Promise<import("./processes.mjs").ChildProcess>} start resolves when it is ready
 * @property {(storeUrl: string) => Promise<import("./inspectors.mjs").Inspector>} inspect
 */

/** What all others are compared to. */
export const BASELINE = "bullmq";

/** @type {readonly Contender[]} */
export const CONTENDERS = [
  {
    ...program("bullmq.mjs"),
    name: "bullmq",
    title: "Express + BullMQ, a job a webhook",
    inspect: async (url) => redisInspector(url, plainBullQueue, plainTotals),
  },
  {
    ...program("streams.mjs"),
    name: "streams",
    title: "Express + Redis Streams",
    inspect: async (url) => redisInspector(url, streamQueue, plainTotals),
  },
  {
    ...program("pg-boss.mjs"),
    name: "pg-boss",
    title: "Express + pg-boss (PostgreSQL)",
    store: "postgres",
    inspect: pgBossInspector,
  },
  {
    name: "ticktally",
    title: "Ticktally",
    path: "/webhooks/green-api",
    store: "redis",
    roles: ["ingest", "worker"],
    start: async (role, place) => startTicktally(role, place),
    inspect: async (url) => redisInspector(url, ourQueue, ourTotals),
  },
];

/** Enough that three masters share them about evenly; more than masters, so that masters can be added. */
const CLUSTER_SHARDS = 8;

/** Ours on a Redis Cluster of one to three masters. @type {readonly Contender[]} */
export const CLUSTERS = [1, 2, 3].map((masters) => ({
  name: `masters-${masters}`,
  title: masters === 1 ? "1 master" : `${masters} masters`,
  path: "/webhooks/green-api",
  store: { masters },
  roles: ["ingest", "worker"],
  start: async (role, place) =>
    startTicktally(role, place, { REDIS_CLUSTER: "true", QUEUE_SHARDS: String(CLUSTER_SHARDS) }),
  inspect: async (url) => clusterInspector(url, CLUSTER_SHARDS, ourTotals),
}));

/** @param {string} name */
export function contender(name) {
  const found = [...CONTENDERS, ...CLUSTERS].find((one) => one.name === name);
  if (found === undefined)
    throw new Error(`there is no contender ${name}: ${CONTENDERS.map((one) => one.name).join(", ")}`);
  return found;
}

/**
 * @param {string} file in bench/contenders
 * @param {Record<string, string>} env
 * @returns {Pick<Contender, "path" | "store" | "roles" | "start">}
 */
function program(file, env = {}) {
  return {
    path: "/webhook",
    store: "redis",
    roles: ["ingest", "worker"],
    start: async (role, { storeUrl, port, token }) => {
      const own = { ROLE: role, STORE_URL: storeUrl, PORT: String(port), TOKEN: token };
      const child = launch(`bench/contenders/${file}`, { ...env, ...own });
      await untilItIsReady(child);
      return child;
    },
  };
}

/** @param {Role} role @param {Place} place @param {Record<string, string>} [more] settings */
async function startTicktally(role, { storeUrl, port, token }, more) {
  const opsPort = await freeLoopbackPort();
  const env = { ...more, REDIS_URL: storeUrl, LOG_LEVEL: "warn", TICKTALLY_WEBHOOK_TOKEN: token };
  const ports =
    role === "ingest"
      ? { INGEST_PORT: String(port), INGEST_OPS_PORT: String(opsPort) }
      : { WORKER_OPS_PORT: String(opsPort) };
  const child = launch(`apps/${role}/dist/main.js`, { ...env, ...ports });
  await untilReadyAt(child, opsPort);
  return child;
}
