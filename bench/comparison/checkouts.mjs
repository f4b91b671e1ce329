// The checkout that ours is compared with, made ready to run, and measurements in either.
import { execFileSync, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { findRedisServer } from "../../scripts/redis/embedded-redis.mjs";
import { runCommand } from "../../scripts/process/run-command.mjs";
import { PROJECT_ROOT } from "../../scripts/workspace.mjs";
import { endWithRun, hasEnded, temporaryFolder } from "../cleanup.mjs";

/** @typedef {{ folder: string, label: string }} Checkout label: its commit */
/** @typedef {import("./measure-checkout.mjs").Task} Task */
/** @typedef {import("../statistics.mjs").Sample} Sample */

/**
 * Ready to run. A ref is cloned into a temporary folder, a folder is used as it is; both are installed and built there.
 * @param {string} refOrFolder a ref wins; `./name` is always a folder
 * @param {(line: string) => void} print
 * @returns {Promise<Checkout>}
 */
export async function baseCheckout(refOrFolder, print) {
  const commit = commitOf(PROJECT_ROOT, refOrFolder);
  const folder = commit === undefined ? existingFolder(refOrFolder) : await clone(commit);
  print(`installing and building ${refOrFolder} …`);
  for (const args of [
    ["install", "--frozen-lockfile", "--prod=false", "--config.confirmModulesPurge=false"],
    ["exec", "turbo", "run", "build"],
  ]) {
    await mustRun(process.execPath, ["scripts/pnpm.mjs", ...args], folder);
  }
  return { folder, label: labelOf(folder) };
}

/** @returns {Checkout} */
export function ownCheckout() {
  return { folder: PROJECT_ROOT, label: labelOf(PROJECT_ROOT) };
}

/**
 * In a process of its own for each measurement, so that both sides begin alike.
 * @param {Checkout} checkout @param {Task} task
 * @returns {Promise<Sample>}
 */
export async function measureIn({ folder, label }, task) {
  // Both get the same server: a fresh clone would look for one, and fetch it where none is installed.
  const redis = await findRedisServer({ dataDir: tmpdir() });
  const path = [dirname(redis.path), process.env["PATH"]].join(delimiter);
  const child = fork(join(import.meta.dirname, "measure-checkout.mjs"), [JSON.stringify(task)], {
    cwd: folder,
    env: { ...process.env, ...redis.env, PATH: path },
    execPath: process.execPath,
  });
  // By a signal that lets it end what it has started.
  endWithRun(child.pid, "SIGTERM");
  /** @type {{ node: string, sample: Sample } | undefined} */
  let result;
  child.once("message", (message) => (result = /** @type {{ node: string, sample: Sample }} */ (message)));
  await new Promise((done) => child.once("exit", done));
  hasEnded(child.pid);
  if (result === undefined) throw new Error(`${label} could not be measured (${task.kind}); see above`);
  if (result.node !== process.version) throw new Error(`${label} ran on Node ${result.node}, not ${process.version}`);
  return result.sample;
}

/** @param {string} commit */
async function clone(commit) {
  const { path } = await temporaryFolder();
  // A clone, for a worktree would leave an entry in the repository when a run is killed.
  await mustRun("git", ["clone", "--quiet", "--shared", "--no-checkout", PROJECT_ROOT, path], PROJECT_ROOT);
  await mustRun("git", ["checkout", "--quiet", "--detach", commit], path);
  return path;
}

/** @param {string} path */
function existingFolder(path) {
  const folder = resolve(path);
  if (existsSync(join(folder, "bench", "our-store.mjs"))) return folder;
  throw new Error(`--base ${path}: neither a commit of this repository nor a folder with a checkout that has bench/.`);
}

/** @param {string} folder @param {string} ref */
function commitOf(folder, ref) {
  return git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
}

/** @param {string} folder */
function labelOf(folder) {
  return git(folder, ["describe", "--always", "--dirty", "--exclude=*"]) ?? "no git checkout";
}

/** @param {string} folder @param {readonly string[]} args @returns {string | undefined} undefined when git fails */
function git(folder, args) {
  try {
    const output = execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return output.trim();
  } catch {
    return undefined;
  }
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd */
async function mustRun(command, args, cwd) {
  const { exitCode, output } = await runCommand(command, args, { cwd });
  if (exitCode !== 0) throw new Error(`${output.trim()}\n\n${command} ${args.join(" ")} failed in ${cwd}`);
}
