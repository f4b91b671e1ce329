/**
 * Installs packages and builds a checkout. If nothing has changed, both are skipped in a few milliseconds, because `npm start` calls them every
 * time.
 */
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Fault } from "./process/fault.mjs";
import { parseJson } from "./process/json.mjs";
import { runCommand } from "./process/run-command.mjs";

export const PROJECT_ROOT = resolve(import.meta.dirname, "..");

const INSTALLED_STAMP = join(PROJECT_ROOT, "node_modules", ".ticktally-installed");
const BUILT_STAMP = join(PROJECT_ROOT, "node_modules", ".ticktally-built");
/** The npm package is built already, and npm has installed its dependencies. */
const isCheckout = existsSync(join(PROJECT_ROOT, "pnpm-lock.yaml"));
const BUILT_FROM = ["src", "lua", "tsconfig.build.json"];

/**
 * Runs the pinned pnpm and shows its output.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function runPnpm(args) {
  return new Promise((done) => {
    const child = spawn("npx", npxArgs(args), { cwd: PROJECT_ROOT, env: environment(), stdio: "inherit" });
    child.once("error", (error) => {
      console.error(`npx could not be run (${error.message}): it comes with Node's npm.`);
      done(127);
    });
    child.once("exit", (code) => done(code ?? 130));
  });
}

/**
 * Installs the packages of the lock file, unless they are installed.
 *
 * @throws {Fault} pnpm failed; the message contains its output
 */
export async function ensureInstalled() {
  if (!isCheckout) return;
  const wanted = hashOf(manifests());
  if (readStamp(INSTALLED_STAMP) === wanted && existsSync(join(PROJECT_ROOT, "node_modules", ".modules.yaml"))) return;
  console.log("Installing packages (first start, or they changed) …");
  // `--prod=false`, because with NODE_ENV=production pnpm would not install the compiler.
  await runPnpmQuietly(["install", "--frozen-lockfile", "--prod=false", "--config.confirmModulesPurge=false"]);
  writeFileSync(INSTALLED_STAMP, wanted);
}

/**
 * Builds all packages and apps, unless their sources have not changed since the last build. Call `ensureInstalled` first.
 *
 * @throws {Fault} the build failed; the message contains its output
 */
export async function ensureBuilt() {
  if (!isCheckout) return;
  const sources = members().flatMap((member) => BUILT_FROM.map((part) => join(member, part)));
  const settings = ["rolldown.config.js", "tsconfig.base.json"].map((name) => join(PROJECT_ROOT, name));
  const wanted = hashOf([...manifests(), ...settings, ...sources]);
  const complete = members().every((member) => existsSync(join(member, "dist")));
  if (complete && readStamp(BUILT_STAMP) === wanted) return;
  console.log("Building (first start, or sources changed) …");
  await runPnpmQuietly(["exec", "turbo", "run", "build", "--output-logs=errors-only"]);
  writeFileSync(BUILT_STAMP, wanted);
}

/**
 * Runs the pinned pnpm without showing its output.
 *
 * @param {readonly string[]} args
 */
export async function pnpmOutput(args) {
  return runCommand("npx", npxArgs(args), { cwd: PROJECT_ROOT, env: environment() });
}

/** @param {readonly string[]} args */
async function runPnpmQuietly(args) {
  const { exitCode, output } = await pnpmOutput(args);
  if (exitCode !== 0) throw new Fault(`${output.trim()}\n\npnpm ${args.join(" ")} failed (exit code ${exitCode}).`, 1);
}

/** @param {readonly string[]} args */
function npxArgs(args) {
  const manifest = parseJson(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"));
  const { packageManager } = /** @type {{ packageManager: string }} */ (manifest);
  // Without corepack, which refuses registries without signatures and is not part of newer Node versions.
  const [pinned] = packageManager.split("+");
  return ["--yes", pinned ?? "pnpm", ...args];
}

/** @returns {NodeJS.ProcessEnv} */
function environment() {
  return { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
}

/** The folders of all packages and apps. */
export function members() {
  return ["packages", "apps"]
    .flatMap((group) => readdirSync(join(PROJECT_ROOT, group)).map((name) => join(PROJECT_ROOT, group, name)))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .sort();
}

function manifests() {
  const top = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"];
  return [...top.map((name) => join(PROJECT_ROOT, name)), ...members().map((member) => join(member, "package.json"))];
}

/**
 * @param {readonly string[]} paths files, and folders with all their content; a missing path is hashed as missing
 */
function hashOf(paths) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${process.version}\n`);
  for (const path of paths) addToHash(hash, path);
  return hash.digest("hex");
}

/**
 * @param {import("node:crypto").Hash} hash
 * @param {string} path
 */
function addToHash(hash, path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry?.isDirectory()) {
    for (const name of readdirSync(path).sort()) addToHash(hash, join(path, name));
  } else if (!path.endsWith(".test.ts")) {
    hash.update(`${relative(PROJECT_ROOT, path)} ${entry?.size ?? "missing"}\n`);
    if (entry !== undefined) hash.update(readFileSync(path));
  }
}

/** @param {string} path */
function readStamp(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
