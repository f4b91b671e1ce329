// Ours beside the plain design, on the same webhooks, in one run, alternating. `npm run bench -- --webhooks 100000 --rounds 3`
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { startRedis } from "../scripts/embedded-redis.mjs";
import { freeLoopbackPort } from "../scripts/free-port.mjs";
import { post } from "./load.mjs";
import { makeTraffic } from "./traffic.mjs";

const { values } = parseArgs({
  options: {
    webhooks: { type: "string", default: "60000" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
    instances: { type: "string", default: "1000" },
    durability: { type: "string", default: "durable" },
  },
});
const connections = Number(values.connections);
const TOKEN = "bench-token-0123456789";
const durability = values.durability === "fast" ? "fast" : "durable";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {{ name: string, cpuMicros: number[], countedPerSecond: number, ackP50Ms: number, ackP99Ms: number, backlogShare: number }} Result */
/** @typedef {{ path: string, start: (url: string) => Promise<{ port: number, processes: ChildProcess[] }>, waiting: (redis: Redis) => Promise<number> }} Contender */

/** @type {Record<string, Contender>} */
const CONTENDERS = {
  plain: {
    path: "/webhook",
    start: async (REDIS_URL) => {
      const port = await freeLoopbackPort();
      const env = { REDIS_URL, PORT: String(port), TOKEN, NODE_ENV: "production" };
      const [ingest, worker] = [
        launch("bench/plain.mjs", { ...env, ROLE: "ingest" }),
        launch("bench/plain.mjs", { ...env, ROLE: "worker" }),
      ];
      await Promise.all([once(ingest, "message"), once(worker, "message")]);
      return { port, processes: [ingest, worker] };
    },
    waiting: async (redis) => (await redis.llen("bull:plain:wait")) + (await redis.llen("bull:plain:active")),
  },
  ticktally: {
    path: "/webhooks/green-api",
    start: async (REDIS_URL) => {
      const [port, ops, workerOps] = [await freeLoopbackPort(), await freeLoopbackPort(), await freeLoopbackPort()];
      const env = {
        REDIS_URL,
        INGEST_PORT: String(port),
        INGEST_OPS_PORT: String(ops),
        WORKER_OPS_PORT: String(workerOps),
      };
      const all = { ...env, TICKTALLY_WEBHOOK_TOKEN: TOKEN, LOG_LEVEL: "warn" };
      const processes = [launch("apps/ingest/dist/main.js", all), launch("apps/worker/dist/main.js", all)];
      await Promise.all([ready(ops), ready(workerOps)]);
      return { port, processes };
    },
    waiting: async (redis) => {
      const prefix = "ticktally:{queue-0}:webhooks:";
      return (await redis.llen(`${prefix}wait`)) + (await redis.llen(`${prefix}active`));
    },
  },
};

const webhooks = Number(values.webhooks);
const bodies = makeTraffic({ webhooks, instances: Number(values.instances), now: Date.now() });
console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? "?"}), ${durability} Redis`);
console.log(
  `${webhooks} webhooks over ${values.instances} instances (Zipf), ${connections} connections, ${values.rounds} rounds, alternating\n`,
);
console.log("round  contender  counted/s  ack p50 ms  ack p99 ms  backlog  CPU µs a webhook: ingest, worker, Redis");
/** @type {Result[]} */
const results = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const [name, contender] of Object.entries(CONTENDERS)) {
    const result = await measure(name, contender);
    results.push(result);
    const { countedPerSecond, ackP50Ms, ackP99Ms, backlogShare } = result;
    const cells = [
      countedPerSecond.toFixed(0).padStart(9),
      ackP50Ms.toFixed(1).padStart(11),
      ackP99Ms.toFixed(1).padStart(11),
    ];
    console.log(
      `${String(round).padStart(5)}  ${name.padEnd(9)}  ${cells.join(" ")}  ${(backlogShare * 100).toFixed(0).padStart(5)} %  ${result.cpuMicros.map((micros) => micros.toFixed(0)).join(", ")}`,
    );
  }
}
const median = (/** @type {string} */ name) => {
  const rates = results
    .filter((result) => result.name === name)
    .map((result) => result.countedPerSecond)
    .sort((a, b) => a - b);
  return rates[Math.floor(rates.length / 2)] ?? NaN;
};
console.log(`\nmedian counted/s: plain ${median("plain").toFixed(0)}, ticktally ${median("ticktally").toFixed(0)}`);
console.log(`ratio: ${(median("ticktally") / median("plain")).toFixed(2)}`);

/** @param {string} name @param {Contender} contender @returns {Promise<Result>} */
async function measure(name, contender) {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-bench-"));
  const server = await startRedis({ dir, durability });
  const redis = new Redis(server.url);
  const running = await contender.start(server.url);
  try {
    const cpuBefore = [...running.processes.map((process) => process.pid ?? 0), server.pid].map(cpuSeconds);
    const startedAt = performance.now();
    const { accepted, refused, latenciesMs } = await post({
      port: running.port,
      path: contender.path,
      token: TOKEN,
      bodies,
      connections,
    });
    if (refused > 0) throw new Error(`${refused} webhooks were refused`);
    const jobsLeft = await contender.waiting(redis);
    const added = Number(await redis.get(name === "plain" ? "bull:plain:id" : "ticktally:{queue-0}:webhooks:id"));
    while ((await contender.waiting(redis)) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const seconds = (performance.now() - startedAt) / 1000;
    const at = (/** @type {number} */ q) => latenciesMs[Math.floor(latenciesMs.length * q)] ?? NaN;
    const pids = [...running.processes.map((process) => process.pid ?? 0), server.pid];
    const cpuMicros = pids.map((pid, i) => ((cpuSeconds(pid) - (cpuBefore[i] ?? 0)) * 1e6) / accepted);
    return {
      name,
      cpuMicros,
      countedPerSecond: accepted / seconds,
      ackP50Ms: at(0.5),
      ackP99Ms: at(0.99),
      backlogShare: jobsLeft / added,
    };
  } finally {
    for (const process of running.processes) process.kill("SIGKILL");
    redis.disconnect();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** User and system time of a process so far, from Linux's /proc. @param {number} pid */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** @param {string} script @param {NodeJS.ProcessEnv} env */
function launch(script, env) {
  return fork(script, { env: { PATH: process.env["PATH"], ...env }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

/** @param {number} opsPort */
async function ready(opsPort) {
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${opsPort}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
