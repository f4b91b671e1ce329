import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

const COMMANDS = join(import.meta.dirname, "..", "..", "apps", "cli", "dist", "main.js");

export interface ToolRun {
  readonly exitCode: number;
  /** What it wrote to stderr, for the person at the terminal. */
  readonly output: string;
}

/** Run the built `export` into a file, or the built `import` from a file. */
export async function runBackupTool(
  tool: "export" | "import",
  { url, file, args = [], env = {} }: ToolOptions,
): Promise<ToolRun> {
  const fd = openSync(file, tool === "export" ? "w" : "r");
  try {
    const child = spawn(process.execPath, [COMMANDS, tool, ...args], {
      env: { PATH: process.env["PATH"], REDIS_URL: url, ...env },
      stdio: tool === "export" ? ["ignore", fd, "pipe"] : [fd, "ignore", "pipe"],
    });
    let output = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
    const [exitCode] = (await once(child, "close")) as [number];
    return { exitCode, output };
  } finally {
    closeSync(fd);
  }
}

interface ToolOptions {
  readonly url: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
