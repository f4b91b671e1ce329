import { spawn } from "node:child_process";
import { once } from "node:events";

const COMMAND = new URL("../../apps/cli/dist/main.js", import.meta.url).pathname;

/** Start the built `upgrade`; the test can kill it. */
export function upgrading(url: string, args: readonly string[] = []) {
  const child = spawn(process.execPath, [COMMAND, "upgrade", ...args], {
    env: { PATH: process.env["PATH"], REDIS_URL: url },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, output }));
  return { child, ended };
}
