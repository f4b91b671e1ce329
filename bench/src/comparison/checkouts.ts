// Prepares the checkout that ours is compared with, and runs measurements in either.
import { execFileSync, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { findRedisServer } from "../../../scripts/redis/embedded-redis.mjs";
import { runCommand } from "../../../scripts/process/run-command.mjs";
import { PROJECT_ROOT } from "../../../scripts/workspace.mjs";
import { endWithRun, hasEnded, temporaryFolder } from "../processes/cleanup.ts";
import type { Task } from "./measure-checkout.ts";
import type { Sample } from "../results/statistics.ts";

/** `label` is its commit. */
export interface Checkout {
  folder: string;
  label: string;
}

/**
 * Install and build the base. A ref is cloned into a temporary folder; a folder is used as it is.
 * @param refOrFolder taken for a ref if there is one of that name; `./name` is always a folder
 */
export async function baseCheckout(refOrFolder: string, print: (line: string) => void): Promise<Checkout> {
  const commit = commitOf(PROJECT_ROOT, refOrFolder);
  const folder = commit === undefined ? existingFolder(refOrFolder) : await clone(commit);
  print(`installing and building ${refOrFolder} …`);
  for (const args of [
    ["install", "--frozen-lockfile", "--prod=false", "--config.confirmModulesPurge=false"],
    ["exec", "turbo", "run", "build"],
  ]) {
    await mustRun(process.execPath, ["scripts/pnpm.mjs", ...args], folder);
  }
  const config = join(folder, "bench", "tsconfig.build.json");
  if (existsSync(config)) await mustRun(join(folder, "node_modules", ".bin", "tsc"), ["-p", config], folder);
  return { folder, label: labelOf(folder) };
}

export function ownCheckout(): Checkout {
  return { folder: PROJECT_ROOT, label: labelOf(PROJECT_ROOT) };
}

/** Run each measurement in a new process, so that both sides start equally. */
export async function measureIn({ folder, label }: Checkout, task: Task): Promise<Sample> {
  // Both sides use the same server: a new clone would search for one, and download it if none is installed.
  const redis = await findRedisServer({ dataDir: tmpdir() });
  const path = [dirname(redis.path), process.env["PATH"]].join(delimiter);
  const child = fork(join(import.meta.dirname, "measure-checkout.js"), [JSON.stringify(task)], {
    cwd: folder,
    env: { ...process.env, ...redis.env, PATH: path },
    execPath: process.execPath,
  });
  // SIGTERM lets the process stop what it has started.
  endWithRun(child.pid, "SIGTERM");
  let result: { node: string; sample: Sample } | undefined;
  child.once("message", (message) => (result = message as { node: string; sample: Sample }));
  await new Promise((done) => child.once("exit", done));
  hasEnded(child.pid);
  if (result === undefined) throw new Error(`${label} could not be measured (${task.kind}); see above`);
  if (result.node !== process.version) throw new Error(`${label} ran on Node ${result.node}, not ${process.version}`);
  return result.sample;
}

async function clone(commit: string) {
  const { path } = await temporaryFolder();
  // A clone, because a worktree would leave an entry in the repository when a run is killed.
  await mustRun("git", ["clone", "--quiet", "--shared", "--no-checkout", PROJECT_ROOT, path], PROJECT_ROOT);
  await mustRun("git", ["checkout", "--quiet", "--detach", commit], path);
  return path;
}

function existingFolder(path: string) {
  const folder = resolve(path);
  if (existsSync(join(folder, "bench"))) return folder;
  throw new Error(`--base ${path}: neither a commit of this repository nor a folder with a checkout that has bench/.`);
}

function commitOf(folder: string, ref: string) {
  return git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
}

function labelOf(folder: string) {
  return git(folder, ["describe", "--always", "--dirty", "--exclude=*"]) ?? "no git checkout";
}

/** @returns undefined when git fails */
function git(folder: string, args: readonly string[]): string | undefined {
  try {
    const output = execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return output.trim();
  } catch {
    return undefined;
  }
}

async function mustRun(command: string, args: readonly string[], cwd: string) {
  const { exitCode, output } = await runCommand(command, args, { cwd });
  if (exitCode !== 0) throw new Error(`${output.trim()}\n\n${command} ${args.join(" ")} failed in ${cwd}`);
}
