import { readFileSync } from "node:fs";
import { Fault } from "../process/fault.mjs";

/** The secrets that `npm start` itself needs. The apps read the others from their files, and refuse placeholders. */
const SECRETS = ["REDIS_URL", "TICKTALLY_ACCOUNT_TOKEN", "TICKTALLY_WEBHOOK_TOKEN", "FORWARD_KEY"];

/**
 * The environment with the content of each file `NAME_FILE` as `NAME`, as the apps read it.
 *
 * @param {NodeJS.ProcessEnv} env an empty value counts as none
 * @returns {NodeJS.ProcessEnv}
 * @throws {Fault} with all faults
 */
export function withSecretFiles(env) {
  const filled = { ...env };
  /** @type {string[]} */
  const faults = [];
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`] ?? "";
    if (path === "") continue;
    if ((env[name] ?? "") !== "") {
      faults.push(`${name} and ${name}_FILE are both set: set one of them.`);
      continue;
    }
    try {
      filled[name] = readFileSync(path, "utf8").trim();
      filled[`${name}_FILE`] = "";
      if (filled[name] === "") faults.push(`${name} cannot be read from ${name}_FILE (it is empty).`);
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
      faults.push(`${name} cannot be read from ${name}_FILE (${reason}).`);
    }
  }
  if (faults.length > 0) throw new Fault(faults.join("\n"), Fault.CONFIGURATION);
  return filled;
}
