import { spawn } from "node:child_process";

/**
 * Kill a process when this one ends, even when this one is killed: a killed test worker runs no hooks.
 * A shell waits until a pipe is closed that only this process holds open.
 * @param pid of a process, or minus the id of a process group
 * @returns cancels it; call it once the process has ended, because its pid may be used again
 */
export function killWithParent(pid: number): () => void {
  const watcher = spawn("sh", ["-c", 'read -r _; kill -9 "$1" 2>/dev/null', "sh", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  watcher.on("error", () => undefined);
  return () => watcher.kill("SIGKILL");
}
