/**
 * Supervises processes: starts them, forwards their output, restarts them when they end unexpectedly, and stops them.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "../redis/embedded-redis.mjs";
import { restartDelay } from "./restart-delay.mjs";

/**
 * @typedef {object} AppOptions
 * @property {string} name
 * @property {string} entry the JavaScript file to run
 * @property {NodeJS.ProcessEnv} env
 * @property {import("./app-output.mjs").AppOutput} output
 * @property {(pid: number) => void} onStarted
 * @property {(end: AppEnd) => boolean} onEnd called when it ends unexpectedly; returns whether to restart it
 */
/**
 * @typedef {object} AppEnd
 * @property {string} name
 * @property {number | null} exitCode null if a signal ended it
 * @property {string} how as text: "exit code 1", "SIGKILL"
 * @property {readonly string[]} stderr its last lines of stderr, which are in its log but not on the terminal
 * @property {number} endsInARow how often it has ended without having been healthy in between
 * @property {number} delayMs the delay before a restart
 */
/**
 * @typedef {object} SupervisedApp
 * @property {string} name
 * @property {(budgetMs: number) => Promise<void>} stop asks it to end, and kills it after the time budget
 * @property {() => void} kill ends it at once
 */
/**
 * @typedef {object} SupervisedRedis
 * @property {import("../redis/embedded-redis.mjs").RunningRedis} redis
 * @property {() => Promise<void>} stop flushes and ends it
 * @property {() => void} kill ends it at once
 */

/** Enough for a stack trace or a list of configuration faults. */
const STDERR_LINES_MAX = 200;

/**
 * @param {AppOptions} options
 * @returns {SupervisedApp}
 */
export function superviseApp({ name, entry, env, output, onStarted, onEnd }) {
  let stopping = false;
  let endsInARow = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let restart;
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;
  /** @type {Promise<void>} */
  let ended = Promise.resolve();

  const start = () => {
    const startedAt = Date.now();
    /** @type {string[]} */
    const stderr = [];
    // In its own process group: Ctrl-C at a terminal reaches the whole group, but the apps must be stopped in order.
    const running = spawn(process.execPath, [entry], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    child = running;
    createInterface({ input: running.stdout }).on("line", output.log);
    createInterface({ input: running.stderr }).on("line", (line) => {
      output.keep(line);
      stderr.push(line);
      if (stderr.length > STDERR_LINES_MAX) stderr.shift();
    });
    if (running.pid !== undefined) onStarted(running.pid);
    let how = "";
    running.once("error", (error) => (how = error.message));
    ended = new Promise((done) => {
      // "close" comes after the last line of output, unlike "exit".
      running.once("close", (exitCode, signal) => {
        child = undefined;
        done();
        if (stopping) return;
        how ||= signal ?? `exit code ${exitCode}`;
        const next = restartDelay(endsInARow, Date.now() - startedAt);
        endsInARow = next.endsInARow;
        if (onEnd({ name, exitCode, how, stderr, ...next })) restart = setTimeout(start, next.delayMs);
      });
    });
  };
  start();

  return {
    name,
    async stop(budgetMs) {
      stopping = true;
      clearTimeout(restart);
      child?.kill("SIGTERM");
      const killer = setTimeout(() => child?.kill("SIGKILL"), budgetMs);
      await ended;
      clearTimeout(killer);
    },
    kill() {
      stopping = true;
      clearTimeout(restart);
      child?.kill("SIGKILL");
    },
  };
}

/**
 * Supervises a Redis. It ends by itself when its disk is full, because with `appendfsync always` it must not acknowledge writes then. Restarts succeed
 * once there is free space again.
 *
 * @param {import("../redis/embedded-redis.mjs").RedisOptions} options
 * @param {(line: string) => void} print
 * @returns {Promise<SupervisedRedis>}
 */
export async function superviseRedis(options, print) {
  let stopping = false;
  let endsInARow = 0;
  let startedAt = Date.now();

  // A function, because the compiler assumes that a variable does not change across an await.
  const isStopping = () => stopping;

  /** @param {string} firstReason */
  const bringBack = async (firstReason) => {
    let reason = firstReason;
    while (!isStopping()) {
      const next = restartDelay(endsInARow, Date.now() - startedAt);
      endsInARow = next.endsInARow;
      print(`[redis] ended (${reason}); starting it again in ${next.delayMs / 1000} s`);
      await delay(next.delayMs, undefined, { ref: false });
      if (isStopping()) return;
      startedAt = Date.now();
      try {
        await redis.restart();
        print("[redis] is back");
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  };
  const redis = await startRedis({
    ...options,
    ownProcessGroup: true,
    onUnexpectedExit: (how) => void bringBack(how),
  });
  return {
    redis,
    async stop() {
      stopping = true;
      return redis.stop();
    },
    kill() {
      stopping = true;
      void redis.kill9();
    },
  };
}
