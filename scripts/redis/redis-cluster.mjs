/** A Redis Cluster of masters on loopback, for tests and the benchmark: no replicas, no password, and killed at the end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Fault } from "../process/fault.mjs";
import { freeLoopbackPort } from "../process/free-port.mjs";
import { findRedisServer } from "./redis-server-binary.mjs";
import { askRedis } from "./redis-wire.mjs";

/**
 * @typedef {object} RedisCluster
 * @property {string} url of all masters, separated by commas
 * @property {readonly number[]} ports
 * @property {readonly number[]} pids
 * @property {() => Promise<void>} stop
 */

const SLOTS = 16_384;
const START_BUDGET_MS = 20_000;
const POLL_MS = 20;
const ATTEMPTS_MAX = 3;

/**
 * @param {object} options
 * @param {string} options.dir created if missing
 * @param {number} options.masters
 * @param {import("./embedded-redis.mjs").Durability} options.durability
 * @param {(pid: number) => void} [options.onStart] called with the process id of each server
 * @returns {Promise<RedisCluster>}
 * @throws {Fault} the cluster does not start
 */
export async function startRedisCluster(options) {
  const { path } = await findRedisServer({ dataDir: options.dir });
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(path, { ...options, dir: join(options.dir, String(attempt)) });
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(error instanceof EndedEarly)) throw error;
    }
  }
}

/** Another program may take a free port between the check and the start. */
class EndedEarly extends Fault {
  constructor() {
    super("a server of the cluster ended as it started", Fault.UNAVAILABLE);
  }
}

/** @param {string} path of the server program @param {Parameters<typeof startRedisCluster>[0]} options */
async function startOnce(path, { dir, masters, durability, onStart }) {
  const servers = await Promise.all(
    Array.from({ length: masters }, async (_, n) => {
      const [port, busPort] = [await freeLoopbackPort(), await freeLoopbackPort()];
      const folder = join(dir, String(n));
      mkdirSync(folder, { recursive: true });
      const child = spawn(path, optionsOf({ port, busPort, folder, durability }), { stdio: "ignore" });
      if (child.pid === undefined) throw new Fault(`${path} does not start`, Fault.UNAVAILABLE);
      onStart?.(child.pid);
      return { child, pid: child.pid, port, busPort };
    }),
  );
  const stop = async () => {
    await Promise.all(
      servers.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGKILL");
        await once(child, "exit");
      }),
    );
  };
  try {
    await joinAll(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  const ports = servers.map(({ port }) => port);
  const url = ports.map((port) => `redis://127.0.0.1:${port}`).join(",");
  return { url, ports, pids: servers.map(({ pid }) => pid), stop };
}

/** @param {{ port: number, busPort: number, folder: string, durability: import("./embedded-redis.mjs").Durability }} server */
function optionsOf({ port, busPort, folder, durability }) {
  const options = {
    port,
    "cluster-port": busPort,
    bind: "127.0.0.1",
    dir: folder,
    "cluster-enabled": "yes",
    // A node that no other node has contacted does not know its own address.
    "cluster-announce-ip": "127.0.0.1",
    "cluster-node-timeout": 5_000,
    appendonly: "yes",
    appendfsync: durability === "durable" ? "always" : "everysec",
    "maxmemory-policy": "noeviction",
    daemonize: "no",
  };
  return [...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]), "--save", ""];
}

/**
 * Assign the slots and join the nodes.
 * @param {readonly { port: number, busPort: number, child: import("node:child_process").ChildProcess }[]} servers
 */
async function joinAll(servers) {
  const [first] = servers;
  if (first === undefined) throw new Fault("a cluster has at least one master", Fault.CONFIGURATION);
  await until("every server answers", async () => {
    if (servers.some(({ child }) => child.exitCode !== null)) throw new EndedEarly();
    return everyReply(servers, ["PING"], "+PONG");
  });
  for (const [n, { port, busPort }] of servers.entries()) {
    const [from, to] = [n, n + 1].map((k) => Math.floor((k * SLOTS) / servers.length));
    await ask(port, ["CLUSTER", "ADDSLOTSRANGE", String(from), String(Number(to) - 1)]);
    if (n > 0) await ask(first.port, ["CLUSTER", "MEET", "127.0.0.1", String(port), String(busPort)]);
  }
  await until("the cluster is up", async () => everyReply(servers, ["CLUSTER", "INFO"], "cluster_state:ok"));
  const known = `cluster_known_nodes:${servers.length}`;
  await until("all nodes know each other", async () => everyReply(servers, ["CLUSTER", "INFO"], known));
}

/** @param {readonly { port: number }[]} servers @param {readonly string[]} command @param {string} part text that each reply must contain */
async function everyReply(servers, command, part) {
  const replies = await Promise.all(servers.map(async ({ port }) => ask(port, command).catch(() => "")));
  return replies.every((reply) => reply.includes(part));
}

/** @param {number} port @param {readonly string[]} command */
async function ask(port, command) {
  return askRedis({ port, password: "" }, [command]);
}

/** @param {string} what @param {() => Promise<boolean>} isSo */
async function until(what, isSo) {
  const endsAt = Date.now() + START_BUDGET_MS;
  while (!(await isSo())) {
    if (Date.now() > endsAt)
      throw new Fault(`timed out after ${START_BUDGET_MS} ms waiting until ${what}`, Fault.UNAVAILABLE);
    await delay(POLL_MS);
  }
}
