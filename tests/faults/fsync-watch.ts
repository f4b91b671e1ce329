import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/until.ts";

export interface Fsynced {
  /** The append-only file that is written to. */
  readonly file: string;
  readonly fsyncedBytes: number;
  readonly writtenBytes: number;
}

/**
 * Traces Redis's writes and fsyncs with strace. Killing a process does not lose the page cache, so only the trace shows which bytes would survive a
 * power loss.
 */
export class FsyncWatch {
  readonly #file: string;
  readonly #child: ChildProcess;
  #trace = "";

  static lacks(): string | undefined {
    return spawnSync("strace", ["-V"]).status === 0 ? undefined : "strace is not installed";
  }

  /** @param dir Redis's folder */
  static async start(pid: number, dir: string): Promise<FsyncWatch> {
    const calls = "trace=write,fsync,fdatasync";
    const args = ["-f", "-s", "0", "-y", "-e", calls, "-e", "signal=none", "-p", String(pid)];
    const child = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
    const watch = new FsyncWatch(child, newestFile(dir));
    await until("strace is attached", () => watch.#trace.includes("attached"));
    return watch;
  }

  private constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#file = file;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#trace += text));
  }

  /** Wait until the traced Redis has ended. @returns what it wrote and what was fsynced */
  async ended(): Promise<Fsynced> {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    const writtenBytes = statSync(this.#file).size;
    return { file: this.#file, writtenBytes, fsyncedBytes: writtenBytes - unconfirmedOf(this.#trace) };
  }
}

/** The newest incremental append-only file (Redis 7 and later). */
function newestFile(dir: string): string {
  const folder = join(dir, "appendonlydir");
  const parts = readdirSync(folder).filter((name) => name.endsWith(".incr.aof"));
  const [newest = ""] = parts.toSorted((a, b) => statSync(join(folder, b)).mtimeMs - statSync(join(folder, a)).mtimeMs);
  return join(folder, newest);
}

/** Bytes of the append-only file that were written after the start of the last completed fsync. */
function unconfirmedOf(trace: string): number {
  let [written, fsynced] = [0, 0];
  const started = new Map<string, number>();
  for (const line of trace.split("\n")) {
    const [, thread = "", call = "", resumed = ""] =
      /^(?:\[pid\s+(\d+)\] )?(?:(\w+)\(\d+<[^>]*\.aof>|<\.\.\. (\w+) resumed>)/.exec(line) ?? [];
    const result = /= (\d+)(?: |$)/.exec(line)?.[1];
    if (call.endsWith("sync")) started.set(thread, written);
    if (call === "write") started.set(thread, -1);
    const isOurs = started.has(thread) && (call !== "" || resumed !== "");
    if (!isOurs || result === undefined) continue;
    const mark = started.get(thread) ?? -1;
    started.delete(thread);
    if ((call || resumed) === "write") written += Number(result);
    else fsynced = Math.max(fsynced, mark);
  }
  return written - fsynced;
}
