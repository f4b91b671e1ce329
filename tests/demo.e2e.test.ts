import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { labelsAnswer, metricsAnswer, seriesAnswer } from "../packages/schemas/src/index.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";
import { until } from "./support/until.ts";

const ROOT = join(import.meta.dirname, "..");
const TOKEN = "demo-0123456789-account";
/** Writing the month takes 15 s on two free cores; this machine may be busy. */
const STARTED_MS = 300_000;

let folder: string;
let ports: Readonly<Record<string, string>>;
let demo: ChildProcess;
let output = "";

function start(env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(ROOT, "scripts", "start.mjs"), "--demo"], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TICKTALLY_DATA_DIR: folder,
      TICKTALLY_ACCOUNT_TOKEN: TOKEN,
      TICKTALLY_WEBHOOK_TOKEN: "demo-0123456789-webhook",
      // The tests send more requests than users do.
      API_RATE_LIMIT_PER_MINUTE: "10000",
      ...ports,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child.once("exit", killWithParent(-(child.pid ?? 0)));
  output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return child;
}

async function started(): Promise<void> {
  demo = start();
  await until(
    "the demo is ready",
    () => {
      if (demo.exitCode !== null) throw new Error(`the demo ended with ${demo.exitCode}:\n${output}`);
      return output.includes("Ctrl-C stops everything");
    },
    STARTED_MS,
  );
}

async function stopped(): Promise<number | null> {
  if (demo.exitCode === null && demo.signalCode === null) {
    const ended = once(demo, "exit");
    demo.kill("SIGINT");
    await ended;
  }
  return demo.exitCode;
}

async function get(path: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${ports["API_PORT"]}${path}`, { headers: { token: TOKEN } });
  return answer.json();
}

async function messages(instance: string) {
  return metricsAnswer.parse(await get(`/metrics/${instance}`)).metrics;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ticktally-demo-"));
  const names = [
    "INGEST_PORT",
    "API_PORT",
    "INGEST_OPS_PORT",
    "WORKER_OPS_PORT",
    "API_OPS_PORT",
    "FORWARDER_OPS_PORT",
    "SIMULATOR_PORT",
  ];
  const given: [string, string][] = [];
  for (const name of names) given.push([name, String(await freePort())]);
  ports = Object.fromEntries(given);
  await started();
}, STARTED_MS);
afterAll(async () => {
  await stopped();
  await rm(folder, { recursive: true, force: true });
});

it("shows thirty days of traffic without an empty day, and prints examples", async () => {
  const shop = await messages("shop");
  expect(shop.messagesLast30Days).toBeGreaterThan(20_000);
  const { messagesLast30Days, messagesByPriceCategory } = await messages("travel");
  expect(messagesLast30Days).toBeGreaterThan(5_000);
  expect(messagesByPriceCategory.utility).toBeGreaterThan(5_000);
  const { labels } = labelsAnswer.parse(await get("/labels?instance=newsletter"));
  expect(labels.map(({ label }) => label)).toContain("autumn-sale");
  for (const { label, messages: labelled } of labels) expect(`${label} ${labelled}`).toMatch(/ \d{4}$/);
  const { series } = seriesAnswer.parse(await get("/metrics/shop,bot,codes/series?step=day"));
  expect(series.points.filter(({ read }) => read === 0)).toEqual([]);
  expect(series.points.length).toBeGreaterThanOrEqual(30);
  for (const [, address = ""] of output.matchAll(/curl -sS '?(http:\S+?)'? -H/g)) {
    const answer = await fetch(address, { headers: { token: TOKEN } });
    expect(`${address} ${answer.status}`).toBe(`${address} 200`);
  }
});

it("continues with live traffic: a message every few seconds at any hour", async () => {
  const before = await messages("codes");
  await until(
    "another code was sent",
    async () => (await messages("codes")).messagesSent > before.messagesSent,
    30_000,
  );
});

it("ends with Ctrl-C, keeps its data, and continues after a restart", { timeout: STARTED_MS }, async () => {
  const before = await messages("codes");
  expect(await stopped()).toBe(0);
  await expect(fetch(`http://127.0.0.1:${ports["SIMULATOR_PORT"]}/`)).rejects.toThrow();
  await started();
  await until(
    "the traffic continues",
    async () => (await messages("codes")).messagesSent > before.messagesSent,
    30_000,
  );
  // The month is not written again.
  expect((await messages("codes")).messagesSent - before.messagesSent).toBeLessThan(1_000);
});

it.each(["REDIS_URL", "REDIS_SENTINEL"])("refuses to use the Redis of %s", async (name) => {
  const child = start({ [name]: "redis://127.0.0.1:6379" });
  const [code] = (await once(child, "close")) as [number | null];
  expect(code).toBe(78);
  expect(output).toContain(`Start it without ${name}.`);
});
