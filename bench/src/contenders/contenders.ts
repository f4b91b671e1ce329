// The contenders. Each is one program with two roles, ingest and worker, as its authors would write it.
import { freeLoopbackPort } from "../../../scripts/process/free-port.mjs";
import {
  clusterInspector,
  plainBullQueue,
  ourQueue,
  pgBossInspector,
  redisInspector,
  streamQueue,
} from "./inspectors.ts";
import { ourTotals } from "./ours/totals.ts";
import { plainTotals } from "./plain/count-webhook.ts";
import { launch, untilReadyMessage, untilReadyAt } from "../processes/processes.ts";
import type { StoreKind } from "../stores/stores.ts";
import type { ChildProcess } from "node:child_process";
import type { Inspector } from "./inspectors.ts";

export type Role = "ingest" | "worker";
interface StartOptions {
  storeUrl: string;
  port: number;
  token: string;
}
export interface Contender {
  name: string;
  title: string;
  /** the path that webhooks are posted to */
  path: string;
  store: StoreKind;
  roles: readonly Role[];
  /** resolves when the process is ready */
  start: (role: Role, place: StartOptions) => Promise<ChildProcess>;
  inspect: (storeUrl: string) => Promise<Inspector>;
}

/** The contender that all others are compared with. */
export const BASELINE = "bullmq";

export const CONTENDERS: readonly Contender[] = [
  {
    ...program("bullmq.js"),
    name: "bullmq",
    title: "Express + BullMQ, a job a webhook",
    inspect: async (url) => redisInspector(url, plainBullQueue, plainTotals),
  },
  {
    ...program("streams.js"),
    name: "streams",
    title: "Express + Redis Streams",
    inspect: async (url) => redisInspector(url, streamQueue, plainTotals),
  },
  {
    ...program("pg-boss.js"),
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

/** Enough for an even distribution over three masters, with room for more masters. */
const CLUSTER_SHARDS = 8;

/** Ours on a Redis Cluster of one to three masters. */
export const CLUSTERS: readonly Contender[] = [1, 2, 3].map((masters) => ({
  name: `masters-${masters}`,
  title: masters === 1 ? "1 master" : `${masters} masters`,
  path: "/webhooks/green-api",
  store: { masters },
  roles: ["ingest", "worker"],
  start: async (role, place) =>
    startTicktally(role, place, { REDIS_CLUSTER: "true", QUEUE_SHARDS: String(CLUSTER_SHARDS) }),
  inspect: async (url) => clusterInspector(url, CLUSTER_SHARDS, ourTotals),
}));

export function contender(name: string) {
  const found = [...CONTENDERS, ...CLUSTERS].find((one) => one.name === name);
  if (found === undefined)
    throw new Error(`there is no contender ${name}: ${CONTENDERS.map((one) => one.name).join(", ")}`);
  return found;
}

/** @param file in bench/contenders */
function program(
  file: string,
  env: Record<string, string> = {},
): Pick<Contender, "path" | "store" | "roles" | "start"> {
  return {
    path: "/webhook",
    store: "redis",
    roles: ["ingest", "worker"],
    start: async (role, { storeUrl, port, token }) => {
      const own = { ROLE: role, STORE_URL: storeUrl, PORT: String(port), TOKEN: token };
      const child = launch(`bench/dist/contenders/${file}`, { ...env, ...own });
      await untilReadyMessage(child);
      return child;
    },
  };
}

/** @param more settings */
async function startTicktally(role: Role, { storeUrl, port, token }: StartOptions, more?: Record<string, string>) {
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
