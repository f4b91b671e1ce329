/**
 * Identifies processes across restarts. A stored pid may belong to another process later, so it is stored together with the start time of its process.
 * Only a process that matches both is signalled.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** @typedef {{ pid: number, startedAt: string }} ProcessIdentity */

const POLL_MS = 20;

/**
 * @param {number} pid
 * @returns {ProcessIdentity | undefined} undefined if no such process runs (a zombie does not count)
 */
export function identify(pid) {
  const startedAt = process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** @param {ProcessIdentity} identity */
export function isRunning(identity) {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/**
 * Asks a process to end, and kills it if it has not ended in time.
 *
 * @param {ProcessIdentity} identity
 * @param {number} budgetMs time until SIGKILL
 */
export async function stopProcess(identity, budgetMs) {
  const killAt = Date.now() + budgetMs;
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGTERM", "SIGKILL"];
  for (const signal of signals) {
    if (!isRunning(identity)) return;
    sendSignal(identity.pid, signal);
    while (isRunning(identity)) {
      if (signal === "SIGTERM" && Date.now() > killAt) break;
      await delay(POLL_MS);
    }
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the check and the signal.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/**
 * The boot id and the start time in clock ticks since boot (field 22 of /proc/PID/stat). The command name in field 2 may contain spaces and
 * brackets, so the code searches for the last bracket. See proc(5).
 *
 * @param {number} pid
 */
function startOnLinux(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function startByPs(pid) {
  try {
    const output = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { stdio: ["ignore", "pipe", "ignore"] });
    return output.toString("utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
