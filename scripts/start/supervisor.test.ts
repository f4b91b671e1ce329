import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openAppOutput } from "./app-output.mjs";
import { lockFolder } from "./folder-lock.mjs";
import { identify, isRunning, stopProcess } from "./process-identity.mjs";
import { restartDelay } from "./restart-delay.mjs";
import { type AppEnd, superviseApp } from "./supervisor.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ticktally-supervisor-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script as an app, and records the calls of the supervisor. */
function supervise(source: string, { again = false } = {}) {
  const entry = join(folder, "app.mjs");
  writeFileSync(entry, source);
  const pids: number[] = [];
  const ends: AppEnd[] = [];
  const printed: string[] = [];
  const output = openAppOutput("app", folder, { raw: false, print: (line) => printed.push(line) });
  const app = superviseApp({
    name: "app",
    entry,
    env: process.env,
    output,
    onStarted: (pid) => pids.push(pid),
    onEnd: (end) => {
      ends.push(end);
      return again;
    },
  });
  return { app, pids, ends, printed, log: () => readFileSync(join(folder, "app.log"), "utf8") };
}

const soon = { timeout: 10_000, interval: 10 };
const RUNS = "setInterval(() => {}, 1000); console.log('up');";

describe("superviseApp", () => {
  it("reports how an app ended and its stderr, and keeps both streams in its log", async () => {
    const { ends, log } = supervise("console.error('PORT must be a number'); process.exit(78);");
    await vi.waitFor(() => {
      expect(ends).toMatchObject([
        { exitCode: 78, how: "exit code 78", stderr: ["PORT must be a number"], endsInARow: 1 },
      ]);
    }, soon);
    expect(log()).toBe("PORT must be a number\n");
  });

  it("restarts an app that was killed", async () => {
    const { app, pids, printed } = supervise(RUNS, { again: true });
    await vi.waitFor(() => expect(printed).toHaveLength(1), soon);
    process.kill(pids[0] ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(printed).toHaveLength(2), soon);
    expect(pids).toHaveLength(2);
    await app.stop(5000);
  });

  it("stops an app without a restart, and kills it if it ignores SIGTERM", async () => {
    const { app, pids, ends, printed } = supervise(`process.on("SIGTERM", () => {}); ${RUNS}`, { again: true });
    await vi.waitFor(() => expect(printed).toHaveLength(1), soon);
    await app.stop(100);
    expect(identify(pids[0] ?? 0)).toBeUndefined();
    expect(ends).toEqual([]);
  });
});

describe("restartDelay", () => {
  it("doubles up to ten seconds, and starts over after the process ran for half a minute", () => {
    const delays: number[] = [];
    let endsInARow = 0;
    for (let end = 0; end < 8; end++) {
      const next = restartDelay(endsInARow, 100);
      endsInARow = next.endsInARow;
      delays.push(next.delayMs);
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(restartDelay(endsInARow, 30_000)).toEqual({ endsInARow: 1, delayMs: 250 });
  });
});

describe("lockFolder", () => {
  it("refuses a second owner until the first releases the lock", async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(`process ${String(process.pid)}) is running on ${folder}`);
    lock.release();
    (await lockFolder(folder)).release();
  });

  it("finds the processes of a killed owner, and no other process with the same pid", async () => {
    const { pids, printed } = supervise(RUNS);
    await vi.waitFor(() => expect(printed).toHaveLength(1), soon);
    const left = identify(pids[0] ?? 0);
    const owner = { pid: process.pid, startedAt: "an earlier process" };
    const started = [
      { name: "worker", ...left },
      { name: "api", pid: process.pid, startedAt: "an earlier process" },
    ];
    writeFileSync(join(folder, "ticktally.lock"), JSON.stringify({ owner, nonce: "1", started }));
    const lock = await lockFolder(folder);
    expect(lock.orphans).toEqual([{ name: "worker", ...left }]);
    for (const orphan of lock.orphans) {
      await stopProcess(orphan, 5000);
      expect(isRunning(orphan)).toBe(false);
    }
    lock.release();
    expect(existsSync(join(folder, "ticktally.lock"))).toBe(false);
  });

  it("gives a folder whose owner has ended to exactly one of several starts", async () => {
    const owner = { pid: process.pid, startedAt: "an earlier process" };
    writeFileSync(join(folder, "ticktally.lock"), JSON.stringify({ owner, nonce: "1", started: [] }));
    const starts = await Promise.allSettled([lockFolder(folder), lockFolder(folder), lockFolder(folder)]);
    expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});
