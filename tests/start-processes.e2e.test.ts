import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricsAnswer } from "../packages/schemas/src/index.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";
import { Samples } from "./support/samples.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

const ROOT = join(import.meta.dirname, "..");
const TOKEN = "start-processes-0123456789";
const STEP = 10;
const INSTANCE = freshInstance();
const STARTED_MS = 120_000;

interface Ports {
  readonly ingest: number;
  readonly api: number;
  readonly apiOps: number;
  readonly forwarderOps: number;
  /** The second process of each app is `STEP` ports above. */
  readonly ingestOps: number;
  readonly workerOps: number;
}

let folder: string;
let ports: Ports;
let child: ChildProcess;
let output = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ticktally-processes-"));
  ports = await freePorts();
  child = spawn(process.execPath, [join(ROOT, "scripts", "start.mjs")], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TICKTALLY_DATA_DIR: folder,
      TICKTALLY_ACCOUNT_TOKEN: `${TOKEN}-account`,
      TICKTALLY_WEBHOOK_TOKEN: `${TOKEN}-webhook`,
      INGEST_PROCESSES: "2",
      WORKER_PROCESSES: "2",
      INGEST_PORT: String(ports.ingest),
      API_PORT: String(ports.api),
      INGEST_OPS_PORT: String(ports.ingestOps),
      WORKER_OPS_PORT: String(ports.workerOps),
      API_OPS_PORT: String(ports.apiOps),
      FORWARDER_OPS_PORT: String(ports.forwarderOps),
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child.once("exit", killWithParent(-(child.pid ?? 0)));
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  await until(
    "npm start is ready",
    () => {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
      return output.includes("Ctrl-C stops everything");
    },
    STARTED_MS,
  );
}, STARTED_MS);

afterAll(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

/** Two ports with another free port ten above, and three further ones. */
async function freePorts(): Promise<Ports> {
  const free: number[] = [];
  const pairs = () => free.filter((port) => free.includes(port + STEP));
  while (pairs().length < 2) free.push(await freePort());
  const [ingestOps = 0, workerOps = 0] = pairs();
  const [ingest, api, apiOps, forwarderOps] = [await freePort(), await freePort(), await freePort(), await freePort()];
  return { ingest, api, apiOps, forwarderOps, ingestOps, workerOps };
}

/** A connection to a process that is being killed gets no answer; gateways also wait some seconds. */
const ANSWER_WAIT_MS = 2000;

/** Post on a new connection. @returns the status, 0 if there was no answer */
async function post(body: object): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${TOKEN}-webhook`, "content-type": "application/json" };
    const target = { port: ports.ingest, path: "/webhooks/green-api", method: "POST" };
    const options = { ...target, headers, agent: false, timeout: ANSWER_WAIT_MS };
    const req = request(options, (res) => {
      res.resume();
      res.on("end", () => resolve(res.statusCode ?? 0));
    });
    req.on("timeout", () => req.destroy(new Error("no answer")));
    req.on("error", () => resolve(0));
    req.end(JSON.stringify(body));
  });
}

/** Post as the gateway does: until the answer is 200. */
async function deliver(from: number, to: number): Promise<void> {
  const bodies = Array.from({ length: to - from }, (_, i) => statusOf(INSTANCE, `M${from + i}`, "sent"));
  await Promise.all(bodies.map(async (body) => until("a webhook is accepted", async () => (await post(body)) === 200)));
}

async function counted(): Promise<number> {
  const headers = { token: `${TOKEN}-account` };
  const answer = await fetch(`http://127.0.0.1:${ports.api}/metrics/${INSTANCE}`, { headers });
  return answer.ok ? metricsAnswer.parse(await answer.json()).metrics.totalMessages : 0;
}

async function scrape(port: number): Promise<Samples> {
  return new Samples(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

function childrenOf(pid: number): readonly { readonly pid: number; readonly command: string }[] {
  const lines = spawnSync("ps", ["-o", "pid=,args=", "--ppid", String(pid)], { encoding: "utf8" }).stdout.split("\n");
  return lines.flatMap((line) => {
    const [, id, command] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return id === undefined || command === undefined ? [] : [{ pid: Number(id), command }];
  });
}

const both = (port: number) => [port, port + STEP];

describe("npm start with two processes of ingest and two workers", () => {
  it("counts webhooks of both once, and each process exports its own share", async () => {
    await deliver(0, 100);
    await until("all is counted", async () => (await counted()) === 100);
    const [taken, applied] = await Promise.all([
      Promise.all(both(ports.ingestOps).map(scrape)),
      Promise.all(both(ports.workerOps).map(scrape)),
    ]);
    const accepted = taken.map((samples) => samples.sum("ticktally_webhooks_received_total", { outcome: "accepted" }));
    expect(accepted.every((share) => share > 0)).toBe(true);
    expect(accepted.reduce((sum, share) => sum + share, 0)).toBe(100);
    expect(applied.reduce((sum, samples) => sum + samples.sum("ticktally_webhooks_applied_total"), 0)).toBe(100);
    expect(output).toContain("ingest 2, worker 2, api 1");
  });

  const killed = [{ app: "ingest", from: 100 } as const, { app: "worker", from: 200 } as const];
  it.each(killed)("restarts a killed process of $app, and loses nothing", async ({ app, from }) => {
    const own = childrenOf(child.pid ?? 0);
    const above = own.find(({ command }) => command.includes("ingest-processes"));
    const [victim] = (app === "ingest" ? childrenOf(above?.pid ?? 0) : own).filter(({ command }) =>
      command.includes(join("apps", app, "dist")),
    );
    expect(victim).toBeDefined();
    const startedAt = async (port: number) =>
      (await scrape(port).catch(() => undefined))?.value("process_start_time_seconds");
    const opsPorts = both(app === "ingest" ? ports.ingestOps : ports.workerOps);
    const before = await Promise.all(opsPorts.map(startedAt));
    const delivering = deliver(from, from + 100);
    process.kill(victim?.pid ?? NaN, "SIGKILL");
    await delivering;
    await until("all is counted", async () => (await counted()) === from + 100);
    await until("both processes run, one of them restarted", async () => {
      const now = await Promise.all(opsPorts.map(startedAt));
      return !now.includes(undefined) && now.filter((at, i) => at !== before[i]).length === 1;
    });
  });
});
