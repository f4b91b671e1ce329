import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../workspace.mjs";

/**
 * A program of the simulator: in a checkout, or in the package of npm, where it is a library.
 *
 * @param {"demo" | "simulate"} name
 */
export function simulatorProgram(name) {
  const inCheckout = join(PROJECT_ROOT, "packages", "simulator");
  const folder = existsSync(inCheckout) ? inCheckout : join(PROJECT_ROOT, "node_modules", "@ticktally", "simulator");
  return join(folder, "dist", `${name}.js`);
}
