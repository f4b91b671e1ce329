import { spawn } from "node:child_process";

/** How much output is kept for error messages; only the end matters. */
const OUTPUT_LENGTH_MAX = 1_000_000;

/**
 * Runs a command without showing its output, and waits for its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ exitCode: number, output: string }>} stdout and stderr together; 127 if the command does not exist
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
