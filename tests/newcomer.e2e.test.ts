import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { metricsAnswer, seriesAnswer } from "../packages/schemas/src/index.ts";
import { commandLines } from "./support/command-lines.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";
import { until } from "./support/until.ts";

const ROOT = join(import.meta.dirname, "..");
/** Files that a new checkout does not have. */
const MADE_HERE = new Set(["node_modules", "dist", ".turbo", ".ticktally", ".git", ".cache", "coverage"]);
const INSTALL_AND_BUILD_MS = 180_000;

let folder: string;
let ports: Readonly<Record<string, string>>;
let running: { readonly child: ChildProcess; readonly group: number } | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ticktally-newcomer-"));
  await cp(ROOT, folder, { recursive: true, filter: (path) => !MADE_HERE.has(basename(path)) });
  const names = ["INGEST_PORT", "API_PORT", "INGEST_OPS_PORT", "WORKER_OPS_PORT", "API_OPS_PORT", "FORWARDER_OPS_PORT"];
  const given: [string, string][] = [];
  for (const name of names) given.push([name, String(await freePort())]);
  ports = Object.fromEntries(given);
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

/** The settings with which this machine reaches the package registry. npm's folder for them depends on the Node installation. */
const NETWORK = /^(?:https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir)|npm_config_(?:registry|cafile))$/i;

/** Run `npm start` and wait for the last line of its output. */
async function npmStart(): Promise<string> {
  const { PATH, HOME } = process.env;
  const network = Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name)));
  // `npm test` has just built the same files, so they are taken from turbo's cache.
  const TURBO_CACHE_DIR = process.env["TURBO_CACHE_DIR"] ?? join(ROOT, ".turbo", "cache");
  // Other variables of npm and vitest are not passed on, because a new user does not have them.
  const child = spawn("npm", ["start"], {
    cwd: folder,
    env: { PATH, HOME, TURBO_CACHE_DIR, ...network, ...ports },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const group = -(child.pid ?? 0);
  child.once("exit", killWithParent(group));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  running = { child, group };
  await until(
    "npm start is ready",
    () => {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
      return output.includes("Ctrl-C stops everything");
    },
    INSTALL_AND_BUILD_MS,
  );
  return output;
}

/** Press Ctrl-C, which reaches every process of the terminal's group, and wait until all started processes have ended. */
async function stop(): Promise<void> {
  if (running === undefined) return;
  const { child, group } = running;
  running = undefined;
  const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  process.kill(group, "SIGINT");
  await ended;
  // npm may end before its child processes. The apps and Redis are in their own process groups and run from the folder.
  await until("no process is left", () => !isRunning(group) && namesOfProcessesIn(folder) === "");
}

function isRunning(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}

function namesOfProcessesIn(path: string): string {
  return spawnSync("pgrep", ["-fl", path], { encoding: "utf8" }).stdout.trim();
}

function commandsIn(output: string): readonly string[] {
  return [...output.matchAll(/^ +(curl .+)$/gm)].map(([, command = ""]) => command);
}

/** @returns the output of the command line */
function sh(command: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8", timeout: 20_000 });
  expect(`${status} ${stderr}`).toBe("0 ");
  return stdout;
}

async function sees(command: string, messages: number): Promise<void> {
  await until(
    `${messages} messages are counted`,
    () => {
      const parsed = seriesAnswer.safeParse(JSON.parse(sh(command)));
      return parsed.data?.series.totals.delivered === messages;
    },
    1000,
  );
}

describe("a new user with nothing but Node", { timeout: INSTALL_AND_BUILD_MS + 60_000 }, () => {
  it("runs npm start, pastes the three printed lines, and sees a message counted within a second", async () => {
    const [observe = "", report = "", read = "", ...others] = commandsIn(await npmStart());
    expect(others).toEqual([]);
    for (const round of [1, 2]) {
      const answers = [observe, report].map((post): unknown => JSON.parse(sh(post)));
      expect([round, ...answers]).toEqual([round, { success: true }, { success: true }]);
      await sees(read, 1);
    }
    // The message is of today and of a known type, so that the counts are not 0.
    const { metrics } = metricsAnswer.parse(JSON.parse(sh(read.replace(/\/series[^"]*/, ""))));
    expect(metrics).toMatchObject({
      messagesSent: 1,
      messagesLast7Days: 1,
      messagesSentByApi: 1,
      individualMessages: 1,
    });
    expect(metrics.messagesByType.text).toBe(1);
    expect(metrics.messagesByStatus.delivered).toBe(1);
  });

  it.runIf(process.platform === "linux")("has no process with a secret on its command line", () => {
    const kept: unknown = JSON.parse(readFileSync(join(folder, ".ticktally", "tokens.json"), "utf8"));
    const secrets = z.record(z.string(), z.string()).parse(kept);
    const conf = sh(`grep -rh requirepass ${join(folder, ".ticktally")} --include=*.conf`);
    const all = [...Object.values(secrets), conf.trim().replace(/^requirepass "?|"$/g, "")];
    expect(all.map(({ length }) => length >= 16)).toEqual([true, true, true, true]);
    const commands = commandLines();
    expect(commands.join("\n")).toContain(`${folder}/apps/api/dist/main.js`);
    expect(commands.filter((text) => all.some((secret) => text.includes(secret)))).toEqual([]);
  });

  it("stops it with Ctrl-C, and no process is left", async () => {
    await stop();
    for (const port of Object.values(ports)) await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  it("starts it again, and finds the same count with the same token", async () => {
    const [, , read = ""] = commandsIn(await npmStart());
    await sees(read, 1);
    await stop();
  });
});
