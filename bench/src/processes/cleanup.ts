// Ends all processes and removes all temporary folders of a run, however the run ends.
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
 * Kill a process at the end of the run, unless it has ended before.
 * @param pid negative for a group
 */
export function endWithRun(pid: number | undefined, signal: NodeJS.Signals = "SIGKILL") {
  if (pid !== undefined) pids.set(pid, signal);
}

/** Forget a process that has ended, because its id may be used again. */
export function hasEnded(pid: number | undefined) {
  if (pid !== undefined) pids.delete(pid);
}

/** Create a folder that is removed by `remove`, or at the end of the run. */
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
    // The process has ended already.
  }
}
