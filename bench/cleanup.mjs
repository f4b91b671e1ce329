// Whatever ends a run, nothing of it stays: no process, no folder.
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @type {Map<number, NodeJS.Signals>} */
const pids = new Map();
/** @type {Set<string>} */
const folders = new Set();

process.on("exit", () => {
  for (const [pid, signal] of pids) kill(pid, signal);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const [signal, exitCode] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])) {
  process.on(signal, () => process.exit(exitCode));
}

/**
 * End this process with the run, if it has not ended before.
 * @param {number | undefined} pid negative for a group
 * @param {NodeJS.Signals} signal
 */
export function endWithRun(pid, signal = "SIGKILL") {
  if (pid !== undefined) pids.set(pid, signal);
}

/** It has been seen to end: its id may belong to another process now. @param {number | undefined} pid */
export function hasEnded(pid) {
  if (pid !== undefined) pids.delete(pid);
}

/** A folder that goes when `remove` is called, or at the end of the run. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "ticktally-bench-"));
  folders.add(path);
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      folders.delete(path);
    },
  };
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
