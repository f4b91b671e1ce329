/**
 * Finds a Redis server program: on the PATH, or in the packages of Debian and Ubuntu.
 *
 * Debian's `redis-server`, `redis-check-rdb` and others are one binary, which acts by its own name and is part of the package `redis-tools` (the
 * same holds for `valkey-tools`). Only that package is used: unlike `redis-server` it has no system service, which would start by itself and occupy
 * port 6379.
 */
import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { Fault } from "../process/fault.mjs";
import { runCommand } from "../process/run-command.mjs";

/**
 * @typedef {object} RedisServer
 * @property {string} path
 * @property {Record<string, string>} env its environment besides PATH: LD_LIBRARY_PATH if it was unpacked, not installed
 * @property {string} name "Redis" or "Valkey"
 * @property {string} version for example 7.0.15
 */

const PROGRAMS = ["valkey-server", "redis-server"];
const DEBIAN_PACKAGES = [
  { name: "redis-tools", binary: "redis-check-rdb", program: "redis-server" },
  { name: "valkey-tools", binary: "valkey-check-rdb", program: "valkey-server" },
];
/** Older versions lack some commands that our scripts use, and BullMQ warns about them. */
const VERSION_MIN = [6, 2];
/** A new cloud machine updates itself in its first minutes and holds the package lock meanwhile. */
const PACKAGE_LOCK_WAIT_S = 120;

/** The default data folder of `npm start`: tests also use a server that was downloaded there. */
const SHARED_DIR = join(import.meta.dirname, "..", "..", ".ticktally");

/** PATH, and the usual folders that the PATH of a non-root or non-login shell may lack. */
function defaultSearchPath(path = process.env["PATH"] ?? "") {
  const usual = ["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin", "/snap/bin"];
  return [...new Set([...path.split(delimiter).filter(Boolean), ...usual])];
}

/**
 * @param {object} options
 * @param {string} options.dataDir the folder for an unpacked server, also searched
 * @param {string} [options.sharedDir] another such folder to search
 * @param {readonly string[]} [options.searchPath] folders to search first
 * @param {string} [options.toolPath] PATH for `apt-get` and `dpkg-deb`; empty to download nothing
 * @param {boolean} [options.root] whether packages may be installed for the whole system
 * @param {(line: string) => void} [options.onProgress] called before slow steps
 * @returns {Promise<RedisServer>}
 * @throws {Fault} none is found; the message says how to get one
 */
export async function findRedisServer({
  dataDir,
  sharedDir = SHARED_DIR,
  searchPath = defaultSearchPath(),
  toolPath = process.env["PATH"] ?? "",
  root = process.getuid?.() === 0,
  onProgress,
}) {
  /** @type {string[]} */
  const rejected = [];
  const folder = folderIn(dataDir);
  const fetched = [...new Set([folder, folderIn(sharedDir)])];
  const places = [...searchPath.map((place) => ({ place, root: "" })), ...fetched.map(fetchedPlace)];
  for (const { place, root: libraryRoot } of places) {
    for (const program of PROGRAMS) {
      const server = await inspect(join(place, program), libraryRoot);
      if (typeof server === "object") return server;
      if (server !== undefined) rejected.push(server);
    }
  }
  if (process.platform === "linux" && isExecutable("apt-get", toolPath) && isExecutable("dpkg-deb", toolPath)) {
    onProgress?.(
      root
        ? "Installing a Redis server from the distribution (first start only) …"
        : "Fetching a Redis server from the distribution into the data folder (first start only) …",
    );
    for (const pkg of DEBIAN_PACKAGES) {
      const env = { ...process.env, PATH: toolPath, DEBIAN_FRONTEND: "noninteractive" };
      let problem = root ? await install(pkg, folder, env) : "not root";
      if (problem !== "") problem = await unpack(pkg, folder, env, root);
      const server = await inspect(join(folder, "bin", pkg.program), join(folder, "root"));
      if (typeof server === "object") return server;
      rejected.push(server ?? `${pkg.name}: ${problem || "brings no server"}`);
    }
  }
  throw new Fault(adviceFor(rejected), Fault.UNAVAILABLE);
}

/** @param {string} dataDir */
function folderIn(dataDir) {
  return join(resolve(dataDir), "redis-server");
}

/** @param {string} folder */
function fetchedPlace(folder) {
  return { place: join(folder, "bin"), root: join(folder, "root") };
}

/** @param {readonly string[]} rejected */
function adviceFor(rejected) {
  const missing = `No Redis server of version ${VERSION_MIN.join(".")} or newer could be found`;
  const advice =
    process.platform === "darwin"
      ? "`brew install valkey`, or set REDIS_URL to one you have."
      : "install `valkey` or `redis` with your package manager, set REDIS_URL to one you have, or use `docker compose up`.";
  return `${missing}: ${advice}${rejected.map((reason) => `\n  (tried ${reason})`).join("")}`;
}

/**
 * @param {string} path
 * @param {string} libraryRoot where the shared libraries are that were unpacked with it, or ""
 * @returns {Promise<RedisServer | string | undefined>} the server; a reason if the program cannot be used; undefined if it does not exist
 */
async function inspect(path, libraryRoot) {
  if (!isExecutable(path)) return undefined;
  const libraries = libraryRoot === "" ? [] : libraryFolders(libraryRoot);
  /** @type {Record<string, string>} */
  const env = libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(":") };
  const { exitCode, output } = await runCommand(path, ["--version"], { env: { ...process.env, ...env } });
  const [, name, version] = /\b(\w+) server v=([\d.]+)/.exec(output) ?? [];
  if (exitCode !== 0 || name === undefined || version === undefined) {
    return `${path}: ${output.trim().split("\n").at(-1) ?? ""}`;
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin = 0, minorMin = 0] = VERSION_MIN;
  if (major < majorMin || (major === majorMin && minor < minorMin)) return `${path}: version ${version} is too old`;
  return { path, env, name, version };
}

/**
 * @param {string} program an absolute path, or a name to be looked up
 * @param {string} [path]
 */
function isExecutable(program, path = "") {
  const candidates = program.startsWith("/") ? [program] : path.split(delimiter).map((place) => join(place, program));
  return candidates.some((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @typedef {typeof DEBIAN_PACKAGES[number]} DebianPackage */

/**
 * Installs the package and links its binary under the server's name in our own folder.
 *
 * @param {DebianPackage} pkg
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} what went wrong, or ""
 */
async function install({ name, binary, program }, folder, env) {
  const args = ["-y", "--no-install-recommends", "-o", `DPkg::Lock::Timeout=${PACKAGE_LOCK_WAIT_S}`, "install", name];
  let result = await runCommand("apt-get", args, { env });
  if (result.exitCode !== 0) {
    // A new image has no package lists, and old lists name files that no longer exist.
    await runCommand("apt-get", ["update"], { env });
    result = await runCommand("apt-get", args, { env });
  }
  if (result.exitCode !== 0) return lastError(result.output);
  link(join("/usr/bin", binary), folder, program);
  return "";
}

/**
 * Downloads the package and its missing dependencies, and unpacks them without root.
 *
 * @param {DebianPackage} pkg
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} root
 * @returns {Promise<string>} what went wrong, or ""
 */
async function unpack({ name, binary, program }, folder, env, root) {
  const fresh = join(folder, `fresh-${process.pid}`);
  const download = join(fresh, "deb");
  mkdirSync(download, { recursive: true });
  // apt creates the first folder itself, but not the second.
  mkdirSync(join(fresh, "lists", "partial"), { recursive: true });
  try {
    // As root, apt runs as the user _apt, which may not write into our folder.
    const asOurselves = root ? ["-o", "APT::Sandbox::User=root"] : [];
    const unlocked = ["-o", "Debug::NoLocking=1", "-o", `Dir::Cache=${join(fresh, "cache")}`, ...asOurselves];
    const ownLists = [...unlocked, "-o", `Dir::State::Lists=${join(fresh, "lists")}`];
    let problem = "";
    for (const options of [unlocked, ownLists]) {
      if (options === ownLists) await runCommand("apt-get", [...options, "update"], { env });
      const packages = await missingPackages(name, options, env);
      const fetched = await runCommand("apt-get", [...options, "download", ...packages], { cwd: download, env });
      problem = fetched.exitCode === 0 ? "" : lastError(fetched.output);
      if (problem === "") break;
    }
    if (problem !== "") return problem;
    for (const file of readdirSync(download)) {
      const unpacked = await runCommand("dpkg-deb", ["-x", join(download, file), join(fresh, "root")], { env });
      if (unpacked.exitCode !== 0) return lastError(unpacked.output);
    }
    rmSync(join(folder, "root"), { recursive: true, force: true });
    renameSync(join(fresh, "root"), join(folder, "root"));
    link(join(folder, "root", "usr", "bin", binary), folder, program);
    return "";
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * The package and its missing dependencies as apt resolves them, because their names differ between releases. The C library is left out: it must be
 * that of the system's loader.
 *
 * @param {string} name
 * @param {readonly string[]} options
 * @param {NodeJS.ProcessEnv} env
 */
async function missingPackages(name, options, env) {
  const plan = await runCommand("apt-get", [...options, "-s", "--no-install-recommends", "install", name], { env });
  const planned = [...plan.output.matchAll(/^Inst (\S+)/gm)].map(([, found = ""]) => found);
  return [...new Set([name, ...planned.filter((found) => !/^(?:libc6|libc-bin|libgcc-s1)(?::|$)/.test(found))])];
}

/**
 * @param {string} target
 * @param {string} folder
 * @param {string} program
 */
function link(target, folder, program) {
  const path = join(folder, "bin", program);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

/** @param {string} root */
function libraryFolders(root) {
  /** @type {Set<string>} */
  const folders = new Set();
  const entries = isExecutable(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : [];
  for (const entry of entries) {
    if (/\.so(?:\.|$)/.test(entry.name)) folders.add(entry.parentPath);
  }
  return [...folders];
}

/** @param {string} output */
function lastError(output) {
  const lines = output.trim().split("\n");
  return lines.findLast((line) => line.startsWith("E: ")) ?? lines.at(-1) ?? "";
}
