import { readdirSync, readFileSync } from "node:fs";

/** The command line of each running process, which every user of the machine can read. Linux only. */
export function commandLines(): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {
      // The process has ended since.
      return [];
    }
  });
}
