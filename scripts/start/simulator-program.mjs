import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../workspace.mjs";

/**
 * The path of a simulator program: in a checkout, or in the npm package, where the simulator is a dependency.
 *
 * @param {"demo" | "simulate"} name
 */
export function simulatorProgram(name) {
  const inCheckout = join(PROJECT_ROOT, "packages", "simulator");
  const folder = existsSync(inCheckout) ? inCheckout : join(PROJECT_ROOT, "node_modules", "@ticktally", "simulator");
  return join(folder, "dist", `${name}.js`);
}
