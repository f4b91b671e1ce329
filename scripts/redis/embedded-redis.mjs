/**
 * A private Redis with its own folder: loopback only, a password in a file that only this user can read, append-only, no eviction. `npm start` keeps
 * its data in one, and tests start several side by side.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Fault } from "../process/fault.mjs";
import { lockFolder } from "../start/folder-lock.mjs";
import { freeLoopbackPort, probePort } from "../process/free-port.mjs";
import { stopProcess } from "../start/process-identity.mjs";
import { findRedisServer } from "./redis-server-binary.mjs";
import { askRedis } from "./redis-wire.mjs";
import { rotateIfLarge } from "../start/rotating-file.mjs";

export { findRedisServer } from "./redis-server-binary.mjs";

/** @typedef {import("./redis-server-binary.mjs").RedisServer} RedisServer */
/** @typedef {"durable" | "fast"} Durability */
/**
 * @typedef {object} RedisOptions
 * @property {string} dir for data, configuration, log and lock; created if missing
 * @property {Durability} [durability] "durable" (default) fsyncs before it answers, "fast" once a second
 * @property {string | undefined} [memoryMax] its memory limit in Redis's notation, such as "768mb"; "0" is no limit; default: half of the memory
 * @property {number} [port] default: that of the last run if it is free, else any free one
 * @property {readonly string[]} [extraArgs] further options of Redis's command line, such as `["--maxmemory", "5mb"]`; no secrets
 * @property {RedisServer} [server] default: what `findRedisServer` finds
 * @property {boolean} [ownProcessGroup] starts it in its own process group, so that Ctrl-C at the terminal does not end it
 * @property {AbortSignal} [signal] stops the wait for it to load its data, and the server
 * @property {(how: string) => void} [onUnexpectedExit] called when it ends by anything but `stop`, `kill9` or `restart`
 */
/**
 * @typedef {object} RunningRedis
 * @property {string} url with the password
 * @property {number} port
 * @property {number} pid of the current process, or of the last one
 * @property {RedisServer} server
 * @property {() => Promise<void>} stop ends it gracefully (all data is flushed) and releases the folder
 * @property {() => Promise<void>} kill9 ends it as a crash would; the folder stays locked
 * @property {() => Promise<void>} restart starts it again with the same folder and port, and stops it first if it is running
 */

const STOP_BUDGET_MS = 30_000;
const POLL_MS = 10;
/** Another program may take a free port between the check and the start. */
const PORT_ATTEMPTS_MAX = 5;

/**
 * Starts a Redis and waits until it has loaded its data and answers.
 *
 * @param {RedisOptions} options
 * @returns {Promise<RunningRedis>}
 * @throws {Fault} the folder is in use, no server is found, or it does not start (the message ends with its last log lines)
 */
export async function startRedis(options) {
  const dir = resolve(options.dir);
  const server = options.server ?? (await findRedisServer({ dataDir: dir }));
  const lock = await lockFolder(dir);
  try {
    // Stop a Redis whose supervisor was killed: that flushes its data, which the new one then loads.
    await Promise.all(lock.orphans.map(async (orphan) => stopProcess(orphan, STOP_BUDGET_MS)));
    return await startLocked({ ...options, dir, server }, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The address of the running Redis of a folder.
 *
 * @param {string} dir
 * @returns {Promise<string | undefined>} with the password; undefined if it is not running
 */
export async function runningRedisUrl(dir) {
  const { port, password } = readConfig(dir);
  if (port === undefined || password === undefined) return undefined;
  const replies = await askRedis({ port, password }, [["PING"]]).catch(() => "");
  return replies.includes("+PONG") ? redisUrl(port, password) : undefined;
}

/**
 * @param {number} port
 * @param {string} password
 */
function redisUrl(port, password) {
  return `redis://:${password}@127.0.0.1:${port}`;
}

/**
 * @param {RedisOptions & { server: RedisServer }} options
 * @param {import("../start/folder-lock.mjs").FolderLock} lock
 * @returns {Promise<RunningRedis>}
 */
async function startLocked(options, lock) {
  const { dir, server, onUnexpectedExit } = options;
  const remembered = readConfig(dir);
  const password = remembered.password ?? randomBytes(24).toString("base64url");
  let port = options.port ?? remembered.port ?? (await freeLoopbackPort());
  /** @type {RedisProcess} */
  let running;

  const launch = async () => {
    running = launchProcess(options, (how) => onUnexpectedExit?.(how));
    lock.record("redis", running.pid);
    try {
      await untilReady(running, { port, password }, options);
    } catch (error) {
      await running.end("SIGTERM");
      throw error;
    }
  };

  for (let attempt = 1; ; attempt++) {
    const state = await probePort(port, "127.0.0.1");
    if (state === "free") {
      writeConfig(options, port, password);
      try {
        await launch();
        break;
      } catch (error) {
        const taken = (await probePort(port, "127.0.0.1")) !== "free";
        if (options.port !== undefined || !taken || attempt === PORT_ATTEMPTS_MAX) throw error;
      }
    } else if (options.port !== undefined) {
      throw new Fault(`Redis cannot listen on port ${port} (${state}): free it, or choose another.`, Fault.UNAVAILABLE);
    }
    port = await freeLoopbackPort();
  }

  return {
    url: redisUrl(port, password),
    port,
    server,
    get pid() {
      return running.pid;
    },
    async stop() {
      await running.end("SIGTERM");
      lock.release();
    },
    kill9: async () => running.end("SIGKILL"),
    async restart() {
      await running.end("SIGTERM");
      await launch();
    },
  };
}

/** @typedef {ReturnType<typeof launchProcess>} RedisProcess */

/**
 * @param {RedisOptions & { server: RedisServer }} options
 * @param {(how: string) => void} onUnexpectedExit
 */
function launchProcess({ dir, server, extraArgs = [], ownProcessGroup = false }, onUnexpectedExit) {
  rotateIfLarge(logPath(dir));
  const log = openSync(logPath(dir), "a", 0o600);
  const child = spawn(server.path, [configPath(dir), ...extraArgs], {
    cwd: dir,
    env: { PATH: process.env["PATH"], ...server.env },
    stdio: ["ignore", log, log],
    detached: ownProcessGroup,
  });
  closeSync(log);
  // Until it has answered once, its end is reported to the caller as an exception.
  let expected = true;
  let ended = /** @type {string | undefined} */ (undefined);
  const exit = /** @type {Promise<void>} */ (
    new Promise((done) => {
      /** @param {string} how */
      const settle = (how) => {
        ended = how;
        done();
        if (!expected) onUnexpectedExit(how);
      };
      child.once("error", (error) => settle(error.message));
      child.once("exit", (code, signal) => settle(signal ?? `exit code ${code}`));
    })
  );
  return {
    pid: child.pid ?? 0,
    ended: () => ended,
    isUp() {
      expected = false;
    },
    /** @param {"SIGTERM" | "SIGKILL"} signal */
    async end(signal) {
      expected = true;
      if (ended !== undefined) return;
      child.kill(signal);
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_BUDGET_MS);
      await exit;
      clearTimeout(killer);
    },
  };
}

/**
 * Without a time limit, because a large file may take long to load; the caller can abort.
 *
 * @param {RedisProcess} running
 * @param {{ port: number, password: string }} address
 * @param {RedisOptions & { server: RedisServer }} options
 */
async function untilReady(running, address, { dir, server, signal }) {
  for (;;) {
    const ended = running.ended();
    if (ended !== undefined) {
      const log = readFileSync(logPath(dir), "utf8").trim().split("\n").slice(-4).join("\n  ");
      throw new Fault(
        `${server.name} ${server.version} did not start in ${dir} (${ended}). It said:\n  ${log}`,
        Fault.UNAVAILABLE,
      );
    }
    if (signal?.aborted) throw new Fault("Stopped while Redis was loading its data.", Fault.UNAVAILABLE);
    const replies = await askRedis(address, [["PING"]]).catch(() => "");
    if (replies.includes("+PONG")) break;
    await delay(POLL_MS);
  }
  running.isUp();
}

/** @param {string} dir */
const configPath = (dir) => join(dir, "redis.conf");
/** @param {string} dir */
const logPath = (dir) => join(dir, "redis.log");

/**
 * @param {RedisOptions} options
 * @param {number} port
 * @param {string} password
 */
function writeConfig({ dir, durability = "durable", memoryMax = String(halfOfMemory()) }, port, password) {
  const lines = [
    "# Written by Ticktally at every start: changes are lost. The port and the password are kept.",
    "bind 127.0.0.1",
    "protected-mode yes",
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(dir)}`,
    "daemonize no",
    "appendonly yes",
    `appendfsync ${durability === "durable" ? "always" : "everysec"}`,
    'save ""',
    // Only an AOF rewrite would compress, which is most of its work and competes with the apps for the same cores.
    "rdbcompression no",
    // Eviction would lose acknowledged webhooks. With this policy a full Redis refuses writes, and ingest answers 503.
    "maxmemory-policy noeviction",
    `maxmemory ${memoryMax}`,
  ];
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // Written to a new file that is then renamed: overwriting would keep the old file mode, and a full disk would leave half a file.
  const fresh = `${configPath(dir)}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  renameSync(fresh, configPath(dir));
}

/** In bytes. The other half is for the apps and for rewriting the append-only file. */
function halfOfMemory() {
  // 0 if the process has no limit.
  const limit = process.constrainedMemory() || Infinity;
  return Math.floor(Math.min(totalmem(), limit) / 2);
}

/**
 * The port and password of the last run, so that the settings of Redis clients stay valid.
 *
 * @param {string} dir
 * @returns {{ port?: number, password?: string }}
 */
function readConfig(dir) {
  try {
    const text = readFileSync(configPath(dir), "utf8");
    const port = /^port (\d+)$/m.exec(text)?.[1];
    const password = /^requirepass (\S+)$/m.exec(text)?.[1];
    return { ...(port === undefined ? {} : { port: Number(port) }), ...(password === undefined ? {} : { password }) };
  } catch {
    return {};
  }
}
