// Whatever ends a run, nothing of it stays: no process, no folder.
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const pids = new Map<number, NodeJS.Signals>();
const folders = new Set<string>();

process.on("exit", () => {
  for (const [pid, signal] of pids) kill(pid, signal);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const [signal, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => process.exit(exitCode));
}

/**
 * End this process with the run, if it has not ended before.
 * @param pid negative for a group
 */
export function endWithRun(pid: number | undefined, signal: NodeJS.Signals = "SIGKILL") {
  if (pid !== undefined) pids.set(pid, signal);
}

/** It has been seen to end: its id may belong to another process now. */
export function hasEnded(pid: number | undefined) {
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

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
