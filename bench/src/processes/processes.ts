// Starts the measured programs, and reads their CPU time and memory.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { endWithRun, hasEnded } from "./cleanup.ts";
import type { ChildProcess } from "node:child_process";

const READY_WAIT_MS = 60_000;
/** For profiling: `BENCH_EXEC_ARGV="--cpu-prof --cpu-prof-dir=profiles" npm run bench -- --contenders ticktally`. */
const EXEC_ARGV = process.env["BENCH_EXEC_ARGV"]?.split(" ") ?? [];
/** The signal that ends programs. With Node options they may have to write a file before they end. */
const END_SIGNAL = EXEC_ARGV.length === 0 ? "SIGKILL" : "SIGTERM";

/**
 * @param script a path from the project's root
 * @param env its whole environment, except PATH
 */
export function launch(script: string, env: Record<string, string>) {
  const options = { env: { PATH: process.env["PATH"], NODE_ENV: "production", ...env }, execArgv: EXEC_ARGV };
  const child = fork(script, { ...options, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  endWithRun(child.pid);
  child.once("exit", () => hasEnded(child.pid));
  return child;
}

/** Resolves when a contender's program sends its ready message. */
export async function untilReadyMessage(child: ChildProcess) {
  const signal = AbortSignal.timeout(READY_WAIT_MS);
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error(`${child.spawnargs.join(" ")} ended before it was ready`);
  });
  await Promise.race([once(child, "message", { signal }), ended]);
}

/** Resolves when `/readyz` of one of our own programs answers 200. */
export async function untilReadyAt(child: ChildProcess, opsPort: number) {
  const deadline = Date.now() + READY_WAIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const isReady = await fetch(`http://127.0.0.1:${opsPort}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await delay(20);
  }
  throw new Error(`${child.spawnargs.join(" ")} did not become ready`);
}

/** The results name one version of Node, so contenders must use the load generator's. */
export function checkNode(child: ChildProcess) {
  const program = readlinkSync(`/proc/${child.pid}/exe`);
  if (program !== readlinkSync("/proc/self/exe")) throw new Error(`${child.spawnargs.join(" ")} ran on ${program}`);
}

export async function end(children: readonly ChildProcess[]) {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(END_SIGNAL);
      await ended;
    }),
  );
}

/** User and system time so far, including children that have ended. */
export function cpuSeconds(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_A_SECOND;
}

/** Linux always reports 100 ticks a second to user space, whatever the kernel's timer frequency. */
const TICKS_A_SECOND = 100;

/** The highest resident memory of a process so far, MiB. */
export function peakMib(pid: number | undefined) {
  if (pid === undefined) return 0;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
