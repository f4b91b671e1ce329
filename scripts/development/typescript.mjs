import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "../process/fault.mjs";
import { runCommand } from "../process/run-command.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

/**
 * Compiles programs that only developers run: the TypeScript in a folder's `src`, to its `dist`, because Node 20 runs none. `npm run check`
 * looks at the types. Needs `ensureInstalled`.
 *
 * @param {string} folder from the project's root
 * @param {string} program one of them, to be imported
 * @returns {Promise<string>} its URL
 * @throws {Fault}
 */
export async function compiled(folder, program) {
  const tsc = join(PROJECT_ROOT, "node_modules", ".bin", "tsc");
  const { exitCode, output } = await runCommand(tsc, ["-p", join(PROJECT_ROOT, folder, "tsconfig.build.json")]);
  if (exitCode !== 0) throw new Fault(`${output.trim()}\n\n${folder} could not be compiled.`, 1);
  return pathToFileURL(join(PROJECT_ROOT, folder, "dist", program)).href;
}
