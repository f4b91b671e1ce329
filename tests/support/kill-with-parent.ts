import { spawn } from "node:child_process";

/**
 * See to it that a process ends when this one does, however this one ends: a test worker that is killed runs no hooks.
 * A shell waits for the end of a pipe that only we hold open.
 * @param pid of a process, or minus the id of a process group
 * @returns takes that back; call it once the process has ended, for its pid may then become another's
 */
export function killWithParent(pid: number): () => void {
  const watcher = spawn("sh", ["-c", 'read -r _; kill -9 "$1" 2>/dev/null', "sh", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  watcher.on("error", () => undefined);
  return () => watcher.kill("SIGKILL");
}
