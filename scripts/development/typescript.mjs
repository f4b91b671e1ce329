import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "../process/fault.mjs";
import { runCommand } from "../process/run-command.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

/**
 * Compiles a folder's `src` to its `dist`, for programs that only developers run: Node 20 does not run TypeScript. `npm run check` checks the
 * types. Call `ensureInstalled` first.
 *
 * @param {string} folder relative to the project's root
 * @param {string} program the compiled file to import
 * @returns {Promise<string>} its URL
 * @throws {Fault}
 */
export async function compiled(folder, program) {
  const tsc = join(PROJECT_ROOT, "node_modules", ".bin", "tsc");
  const { exitCode, output } = await runCommand(tsc, ["-p", join(PROJECT_ROOT, folder, "tsconfig.build.json")]);
  if (exitCode !== 0) throw new Fault(`${output.trim()}\n\n${folder} could not be compiled.`, 1);
  return pathToFileURL(join(PROJECT_ROOT, folder, "dist", program)).href;
}
