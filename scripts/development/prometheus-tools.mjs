/**
 * Finds Prometheus's programs, which check our rules: on the PATH, or in the packages of Debian and Ubuntu. The packages are unpacked into the
 * data folder, not installed, because installing would start two system services.
 */
import { accessSync, constants, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "../process/run-command.mjs";

/**
 * @typedef {object} PrometheusTools paths of programs
 * @property {string} promtool
 * @property {string} amtool
 * @property {string} prometheus
 * @property {string} alertmanager
 */

const DEBIAN_PACKAGES = ["prometheus", "prometheus-alertmanager"];
/** Debian's Alertmanager reads its templates from here, wherever the program is. */
const TEMPLATES = "/usr/share/prometheus/alertmanager";
/** Debian uses another name, because another package has a program `alertmanager`. */
const ALERTMANAGER_NAMES = ["prometheus-alertmanager", "alertmanager"];

/**
 * @param {object} options
 * @param {string} options.dataDir the folder for unpacked programs, also searched
 * @param {string} [options.searchPath] folders to search first
 * @param {string} [options.toolPath] PATH for `apt-get` and `dpkg-deb`; empty to download nothing
 * @returns {Promise<PrometheusTools | string>} the programs, or why there are none and what to do
 */
export async function findPrometheusTools({ dataDir, searchPath = process.env["PATH"] ?? "", toolPath = searchPath }) {
  const folder = join(dataDir, "prometheus-tools");
  const places = [...searchPath.split(delimiter), join(folder, "usr", "bin")];
  const found = toolsIn(places);
  if (found !== undefined) return found;
  const problem = await unpack(folder, { ...process.env, PATH: toolPath });
  return (
    toolsIn(places) ??
    `promtool, amtool, prometheus and alertmanager are needed and not all on the PATH (${problem}); install prometheus and ` +
      `prometheus-alertmanager (Debian), or prometheus and alertmanager (Homebrew)`
  );
}

/**
 * @param {readonly string[]} places
 * @returns {PrometheusTools | undefined}
 */
function toolsIn(places) {
  const path = (/** @type {readonly string[]} */ names) =>
    places.flatMap((place) => names.map((name) => join(place, name))).find(isExecutable);
  const [promtool, amtool, prometheus] = [path(["promtool"]), path(["amtool"]), path(["prometheus"])];
  const alertmanager = path(ALERTMANAGER_NAMES);
  if (promtool === undefined || amtool === undefined || prometheus === undefined || alertmanager === undefined) return;
  return { promtool, amtool, prometheus, alertmanager };
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} what went wrong, or ""
 */
async function unpack(folder, env) {
  const fresh = `${folder}-${String(process.pid)}`;
  mkdirSync(join(fresh, "deb"), { recursive: true });
  try {
    // As root, apt runs as the user _apt, which may not write into our folder.
    const options = ["-o", "APT::Sandbox::User=root", "download", ...DEBIAN_PACKAGES];
    const download = async () => runCommand("apt-get", options, { cwd: join(fresh, "deb"), env });
    let result = await download();
    if (result.exitCode !== 0) {
      // A new image has no package lists, and old lists name files that no longer exist.
      await runCommand("apt-get", ["update"], { env });
      result = await download();
    }
    if (result.exitCode !== 0) return lastLine(result.output);
    for (const file of readdirSync(join(fresh, "deb"))) {
      const unpacked = await runCommand("dpkg-deb", ["-x", join(fresh, "deb", file), fresh], { env });
      if (unpacked.exitCode !== 0) return lastLine(unpacked.output);
    }
    copyTemplates(join(fresh, TEMPLATES));
    // Another run may have unpacked the same files meanwhile.
    if (!existsSync(folder)) renameSync(fresh, folder);
    return "";
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Copy Alertmanager's templates to the system folder. Only root can; for others Alertmanager reports what is missing. @param {string} unpacked */
function copyTemplates(unpacked) {
  if (existsSync(TEMPLATES) || !existsSync(unpacked)) return;
  try {
    cpSync(unpacked, TEMPLATES, { recursive: true });
  } catch {
    // No permission.
  }
}

/** @param {string} output */
function lastLine(output) {
  return output.trim().split("\n").at(-1) ?? "";
}
