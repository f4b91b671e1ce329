import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findRedisServer } from "../../scripts/redis/embedded-redis.mjs";
import { probePort } from "../../scripts/process/free-port.mjs";
import { askRedis } from "../../scripts/redis/redis-wire.mjs";
import { killWithParent } from "../support/kill-with-parent.ts";
import { freePort } from "../support/free-port.ts";
import { startOwnRedis, type OwnRedis } from "../support/own-redis.ts";
import { until } from "../support/until.ts";
import { Rig } from "./rig.ts";

const SENTINELS = 3;
const MASTERS = 3;
const SLOTS = 16_384;
/** Workers need no settings of their own. */
const WORKER: NodeJS.ProcessEnv = {};

/** A Ticktally on several Redis servers, with the servers that faults are injected into. */
export interface Group {
  readonly rig: Rig;
  /** The master that the fault affects. */
  readonly master: OwnRedis;
  /** The replica of that master. */
  readonly replica: OwnRedis;
}

interface ClusterOptions {
  readonly workers?: number;
  /** After this time without an answer, the other nodes consider a master failed. */
  readonly nodeTimeoutMs?: number;
}

/** One master with a replica, watched by three sentinels. */
export async function startSentinels(): Promise<Group> {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-sentinel-"));
  const master = await startNode(join(dir, "master"));
  const replica = await startNode(join(dir, "replica"), ["--replicaof", `127.0.0.1 ${master.port}`]);
  const sentinels: Sentinel[] = [];
  for (let n = 0; n < SENTINELS; n++) sentinels.push(await startSentinel(dir, n, master.port));
  await until("all sentinels know the replica", async () => everySentinel(sentinels, String(replica.port)));
  await until("the replica is connected", async () =>
    (await ask(replica.port, "INFO")).includes("master_link_status:up"),
  );
  const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  const env = { REDIS_URL: master.url, REDIS_SENTINEL: addresses };
  const ends = [
    ...sentinels.map(({ stop }) => stop),
    async () => replica.stop(),
    async () => rm(dir, { recursive: true, force: true }),
  ];
  return { rig: await Rig.on(master, { env, ends }), master, replica };
}

/** Three masters, each with a replica, and eight queues spread over them. */
export async function startCluster({ workers = 1, nodeTimeoutMs = 2_000 }: ClusterOptions = {}): Promise<Group> {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-cluster-"));
  const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", String(nodeTimeoutMs)];
  const nodes: OwnRedis[] = [];
  for (let n = 0; n < 2 * MASTERS; n++) nodes.push(await startNode(join(dir, String(n)), args));
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error("a cluster needs nodes");
  for (const { port } of others) await ask(first.port, "CLUSTER", "MEET", "127.0.0.1", String(port));
  const [masters, replicas] = [nodes.slice(0, MASTERS), nodes.slice(MASTERS)];
  await Promise.all(masters.map(async ({ port }, n) => ask(port, "CLUSTER", "ADDSLOTS", ...slotsOf(n))));
  await until("all nodes know each other", async () => everyNode(nodes, `cluster_known_nodes:${nodes.length}`));
  for (const [n, { port }] of replicas.entries()) {
    const [id = ""] = /[0-9a-f]{40}/.exec(await ask(masters[n]?.port ?? 0, "CLUSTER", "MYID")) ?? [];
    await until("a replica accepts its master", async () =>
      (await ask(port, "CLUSTER", "REPLICATE", id)).includes("+OK\r\n+OK"),
    );
  }
  await until("the cluster is up", async () => everyNode(nodes, "cluster_state:ok"));
  for (const { port } of replicas) {
    await until("a replica is connected", async () => (await ask(port, "INFO")).includes("master_link_status:up"));
  }
  const env = { REDIS_URL: nodes.map(({ url }) => url).join(","), REDIS_CLUSTER: "true", QUEUE_SHARDS: "8" };
  const ends = [
    ...others.map((node) => async () => node.stop()),
    async () => rm(dir, { recursive: true, force: true }),
  ];
  const workerEnvs = Array.from({ length: workers }, () => WORKER);
  const [replica] = replicas;
  if (replica === undefined) throw new Error("a master needs a replica");
  return { rig: await Rig.on(first, { env, ends, workerEnvs }), master: first, replica };
}

/** On loopback without a password, so that the other nodes can connect. */
async function startNode(dir: string, args: readonly string[] = []): Promise<OwnRedis> {
  const extraArgs = ["--requirepass", "", ...args];
  const node = await startOwnRedis({ dir, durability: "fast", port: await freeNodePort(), extraArgs });
  return Object.defineProperty(node, "url", { value: `redis://127.0.0.1:${node.port}` });
}

/** The nodes of a cluster talk to each other on a port that is 10,000 higher. */
async function freeNodePort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if ((await probePort(port + 10_000, "127.0.0.1")) === "free") return port;
  }
}

interface Sentinel {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

async function startSentinel(dir: string, n: number, masterPort: number): Promise<Sentinel> {
  const port = await freePort();
  const config = join(dir, `sentinel-${n}.conf`);
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${dir}`,
    `sentinel monitor mymaster 127.0.0.1 ${masterPort} 2`,
    "sentinel down-after-milliseconds mymaster 1500",
    "sentinel failover-timeout mymaster 6000",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  const server = await findRedisServer({ dataDir: dir });
  const env = { PATH: process.env["PATH"], ...server.env };
  const child = spawn(server.path, [config, "--sentinel"], { env, stdio: "ignore" });
  const release = killWithParent(child.pid ?? 0);
  await until("a sentinel answers", async () => (await askSentinel(port, "PING").catch(() => "")) === "PONG");
  const stop = async () => {
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    release();
  };
  return { port, stop };
}

function slotsOf(n: number): readonly string[] {
  const size = Math.ceil(SLOTS / MASTERS);
  return Array.from({ length: Math.min(size, SLOTS - n * size) }, (_, i) => String(n * size + i));
}

async function everyNode(nodes: readonly OwnRedis[], field: string): Promise<boolean> {
  const infos = await Promise.all(nodes.map(async ({ port }) => ask(port, "CLUSTER", "INFO")));
  return infos.every((info) => info.includes(field));
}

async function everySentinel(sentinels: readonly Sentinel[], text: string): Promise<boolean> {
  const replies = await Promise.all(
    sentinels.map(async ({ port }) => JSON.stringify(await askSentinel(port, "SENTINEL", "REPLICAS", "mymaster"))),
  );
  return replies.every((reply) => reply.includes(text));
}

/** Sentinel has no QUIT, which {@link askRedis} needs to detect the end of the replies. */
async function askSentinel(port: number, command: string, ...args: readonly string[]): Promise<unknown> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

async function ask(port: number, ...command: readonly string[]): Promise<string> {
  return askRedis({ port, password: "" }, [command]);
}
