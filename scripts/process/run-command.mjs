import { spawn } from "node:child_process";

/** Output kept for the error report; the end of it is what matters. */
const OUTPUT_LENGTH_MAX = 1_000_000;

/**
 * Runs a command to its end without showing it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ exitCode: number, output: string }>} stdout and stderr together; 127 when there is no such command
 */
export async function runCommand(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (/** @type {string} */ chunk) => (output = (output + chunk).slice(-OUTPUT_LENGTH_MAX)));
    }
    child.once("error", (error) => resolve({ exitCode: 127, output: error.message }));
    child.once("close", (code, signal) => resolve({ exitCode: signal === null ? (code ?? 1) : 130, output }));
  });
}
