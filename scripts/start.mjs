/**
 * `npm start`: installs, builds and starts Ticktally from a new checkout, on a machine with nothing but Node and npm. Then it supervises Redis,
 * ingest, worker, api and forwarder.
 */
import "./require-node.mjs";
import { join } from "node:path";
import { openAppOutput } from "./start/app-output.mjs";
import { demoEnvironment, fillDemo, isDemo, simulatorApp, simulatorPort } from "./start/demo.mjs";
import { findRedisServer } from "./redis/embedded-redis.mjs";
import { Fault, runMain } from "./process/fault.mjs";
import { lockFolder } from "./start/folder-lock.mjs";
import { stopProcess } from "./start/process-identity.mjs";
import { untilAppReady } from "./start/readiness.mjs";
import { withSecretFiles } from "./start/secret-files.mjs";
import { readyBanner } from "./start/start-banner.mjs";
import { checkPorts, opsPorts, reachableHost, readSettings } from "./start/start-settings.mjs";
import { superviseApp, superviseRedis } from "./start/supervisor.mjs";
import { resolveTokens } from "./start/tokens.mjs";
import { PROJECT_ROOT, ensureBuilt, ensureInstalled } from "./workspace.mjs";

const APP_STOP_BUDGET_MS = 15_000;
/** Short, because the process that read their output has ended and pino waits forever on a broken pipe. They are safe to kill. */
const ORPHAN_STOP_BUDGET_MS = 2000;
/** An app that ends this often before everything is ready is given up. */
const ENDS_BEFORE_READY_MAX = 5;
/** All apps read the same environment, so if one refuses it the others may report further faults soon. */
const REFUSALS_WAIT_MS = 500;
/** With npm, one Ctrl-C arrives twice: from the terminal and from npm. */
const SECOND_SIGNAL_AFTER_MS = 1000;

const LOADING_NOTICE_AFTER_MS = 3000;

/** The apps that webhooks arrive at are stopped first. */
const STOPPED_FIRST = ["simulator", "ingest"];

const INGEST_PROCESSES_ENTRY = join(PROJECT_ROOT, "scripts", "ingest-processes.mjs");

/** @type {import("./start/supervisor.mjs").SupervisedApp[]} */
const apps = [];
/** @type {Promise<import("./start/supervisor.mjs").SupervisedRedis> | undefined} */
let redis;
const abort = new AbortController();
/** @type {((exitCode: number) => void) | undefined} */
let finish;
/** @type {Promise<number>} */
const finished = new Promise((resolve) => (finish = resolve));
/** @type {number | undefined} */
let stoppingSince;

// A closed terminal must not interrupt the shutdown.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

await runMain(async () => {
  const own = withSecretFiles(process.env);
  const demo = isDemo(process.argv.slice(2));
  const given = demo ? demoEnvironment(own) : own;
  const settings = readSettings(given);
  const lock = await lockFolder(settings.dataDir);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  try {
    return await Promise.race([finished, startAll({ settings, given, lock, demo }).then(async () => finished)]);
  } catch (error) {
    // An error that is caused by the shutdown is not reported.
    if (stoppingSince !== undefined) return await finished;
    stopAll(1);
    await finished;
    throw error;
  } finally {
    lock.release();
  }
});
// Some work may still be pending: an interrupted installation, or a restart that is not due yet.
process.exit();

/**
 * @param {object} how
 * @param {import("./start/start-settings.mjs").StartSettings} how.settings
 * @param {NodeJS.ProcessEnv} how.given
 * @param {import("./start/folder-lock.mjs").FolderLock} how.lock
 * @param {boolean} how.demo
 */
async function startAll({ settings, given, lock, demo }) {
  const { dataDir, host, opsHost, ports, processes, durability, redisMemoryMax: memoryMax } = settings;
  if (lock.orphans.length > 0) console.log("Stopping what an interrupted run left behind …");
  await Promise.all(lock.orphans.map(async (orphan) => stopProcess(orphan, ORPHAN_STOP_BUDGET_MS)));
  await checkPorts(settings);
  const tokens = resolveTokens(dataDir, given);
  await ensureInstalled();
  await ensureBuilt();

  let storage = "the Redis at REDIS_URL";
  let redisUrl = given["REDIS_URL"];
  if (settings.redisUrl === undefined) {
    const server = await findRedisServer({ dataDir, onProgress: console.log });
    if (abort.signal.aborted) return;
    redis = superviseRedis(
      { dir: join(dataDir, "redis"), durability, memoryMax, server, signal: abort.signal },
      console.log,
    );
    const notice = setTimeout(() => console.log("Redis is loading its data …"), LOADING_NOTICE_AFTER_MS);
    redisUrl = (await redis.finally(() => clearTimeout(notice))).redis.url;
    storage = `${server.name} ${server.version}`;
  }
  if (abort.signal.aborted) return;

  const env = {
    ...given,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    HOST: host,
    OPS_HOST: opsHost,
    TICKTALLY_ACCOUNT_TOKEN: tokens.accountToken,
    TICKTALLY_WEBHOOK_TOKEN: tokens.webhookToken,
    ...(tokens.forwardKey === undefined ? {} : { FORWARD_KEY: tokens.forwardKey }),
  };
  const judge = judgeEnds();
  const superviseOne = (
    /** @type {{ name: string, entry: string, own?: NodeJS.ProcessEnv | undefined }} */ { name, entry, own },
  ) =>
    apps.push(
      superviseApp({
        name,
        entry,
        env: { ...env, ...own },
        output: openAppOutput(name, join(dataDir, "logs"), { raw: settings.rawLog, print: console.log }),
        onStarted: (pid) => lock.record(name, pid),
        onEnd: judge.onEnd,
      }),
    );
  const appEntry = (/** @type {string} */ app) => join(PROJECT_ROOT, "apps", app, "dist", "main.js");
  const ingestOpsPorts = opsPorts(ports.INGEST_OPS_PORT, processes.ingest);
  const workerOpsPorts = opsPorts(ports.WORKER_OPS_PORT, processes.worker);
  const several = { INGEST_ENTRY: appEntry("ingest"), INGEST_OPS_PORTS: ingestOpsPorts.join(",") };
  /** @type {{ name: string, entry: string, opsPorts: number[], own?: NodeJS.ProcessEnv }[]} */
  const planned = [
    processes.ingest === 1
      ? { name: "ingest", entry: appEntry("ingest"), opsPorts: ingestOpsPorts }
      : { name: "ingest", entry: INGEST_PROCESSES_ENTRY, opsPorts: ingestOpsPorts, own: several },
    ...workerOpsPorts.map((port, i) => ({
      name: i === 0 ? "worker" : `worker-${i + 1}`,
      entry: appEntry("worker"),
      opsPorts: [port],
      own: { WORKER_OPS_PORT: String(port) },
    })),
    { name: "api", entry: appEntry("api"), opsPorts: [ports.API_OPS_PORT] },
    { name: "forwarder", entry: appEntry("forwarder"), opsPorts: [ports.FORWARDER_OPS_PORT] },
  ];
  planned.forEach(superviseOne);
  const origin = `http://${reachableHost(opsHost)}`;
  const ready = await Promise.all(
    planned.flatMap((app) =>
      app.opsPorts.map(async (port) => untilAppReady(app.name, `${origin}:${port}`, abort.signal, console.log)),
    ),
  );
  if (!ready.every(Boolean)) return;
  judge.allReady();
  if (demo) {
    const simulator = simulatorApp(settings, given);
    if (!(await fillDemo({ ...env, ...simulator.own }, abort.signal))) return;
    superviseOne(simulator);
  }
  console.log(readyBanner(settings, tokens, storage, demo ? { simulatorPort: simulatorPort(given) } : undefined));
}

/** Decides what to do when an app ends unexpectedly. */
function judgeEnds() {
  let ready = false;
  /** @type {Set<string>} */
  const refusals = new Set();
  let stderrShown = "";
  return {
    allReady: () => {
      ready = true;
    },
    /** @param {import("./start/supervisor.mjs").AppEnd} end */
    onEnd: ({ name, exitCode, how, stderr, endsInARow, delayMs }) => {
      if (exitCode === Fault.CONFIGURATION) {
        if (refusals.size === 0) {
          setTimeout(() => {
            console.error([...refusals].join("\n"));
            stopAll(Fault.CONFIGURATION);
          }, REFUSALS_WAIT_MS);
        }
        for (const line of stderr.length > 0 ? stderr : [`${name}: configuration fault`]) refusals.add(line);
        return false;
      }
      // In a crash loop, the same output is printed only once.
      const output = stderr.map((line) => `[${name}] ${line}`).join("\n");
      if (output !== "" && output !== stderrShown) console.error(output);
      stderrShown = output;
      if (!ready && endsInARow >= ENDS_BEFORE_READY_MAX) {
        console.error(`[${name}] ended ${endsInARow} times (${how}) without becoming ready: giving up.`);
        stopAll(1);
        return false;
      }
      console.error(`[${name}] ended (${how}); starting it again in ${delayMs / 1000} s`);
      return true;
    },
  };
}

function onSignal() {
  if (stoppingSince === undefined) {
    console.log("\nStopping …");
    stopAll(0);
  } else if (Date.now() - stoppingSince > SECOND_SIGNAL_AFTER_MS) {
    for (const app of apps) app.kill();
    void redis?.then((running) => running.kill());
    // The folder lock is kept, so that the next start can find processes that are still running.
    setTimeout(() => process.exit(130), 100);
  }
}

/**
 * Stops the apps that webhooks arrive at, then the other apps, and last Redis, which flushes its data.
 *
 * @param {number} exitCode
 */
function stopAll(exitCode) {
  if (stoppingSince !== undefined) return;
  stoppingSince = Date.now();
  abort.abort();
  void (async () => {
    await Promise.all(
      apps.filter(({ name }) => STOPPED_FIRST.includes(name)).map(async (app) => app.stop(APP_STOP_BUDGET_MS)),
    );
    await Promise.all(
      apps.filter(({ name }) => !STOPPED_FIRST.includes(name)).map(async (app) => app.stop(APP_STOP_BUDGET_MS)),
    );
    const running = await redis?.catch(() => undefined);
    await running?.stop();
    finish?.(exitCode);
  })();
}
