/**
 * `npm start -- --demo`: the same processes with separate data. A simulated gateway fills it with a month of traffic and continues with live
 * traffic.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Fault } from "../process/fault.mjs";
import { reachableHost, readSettings } from "./start-settings.mjs";
import { simulatorProgram } from "./simulator-program.mjs";

const SIMULATOR_ENTRY = simulatorProgram("demo");
const SIMULATOR_PORT = 8085;

/**
 * @param {readonly string[]} args of `npm start`
 * @throws {Fault} another argument was given
 */
export function isDemo(args) {
  const unknown = args.find((arg) => arg !== "--demo");
  if (unknown !== undefined)
    throw new Fault(`npm start has only the option --demo, not ${unknown}.`, Fault.CONFIGURATION);
  return args.length > 0;
}

/**
 * The environment of the demo: it never uses existing data.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 * @throws {Fault} the environment names a Redis
 */
export function demoEnvironment(env) {
  const named = ["REDIS_URL", "REDIS_SENTINEL"].filter((name) => given(env, name) !== undefined);
  if (named.length > 0) {
    throw new Fault(`The demo uses a Redis of its own. Start it without ${named.join(" and ")}.`, Fault.CONFIGURATION);
  }
  const networks = [given(env, "OUTBOUND_ALLOWED_NETWORKS"), "127.0.0.0/8"].filter((network) => network !== undefined);
  return {
    ...env,
    TICKTALLY_DATA_DIR: join(readSettings(env).dataDir, "demo"),
    // The data can be generated again at any time.
    REDIS_DURABILITY: given(env, "REDIS_DURABILITY") ?? "fast",
    // The secrets of a simulated gateway: known only to these processes.
    META_APP_SECRET: given(env, "META_APP_SECRET") ?? randomBytes(32).toString("hex"),
    META_VERIFY_TOKEN: given(env, "META_VERIFY_TOKEN") ?? randomBytes(32).toString("hex"),
    // The network of the simulated gateway.
    OUTBOUND_ALLOWED_NETWORKS: networks.join(","),
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @throws {Fault} SIMULATOR_PORT is not a port
 */
export function simulatorPort(env) {
  const port = Number(given(env, "SIMULATOR_PORT") ?? SIMULATOR_PORT);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Fault("SIMULATOR_PORT must be a port from 1 to 65535.", Fault.CONFIGURATION);
}

/**
 * The process that continues with live traffic.
 *
 * @param {import("./start-settings.mjs").StartSettings} settings
 * @param {NodeJS.ProcessEnv} env
 */
export function simulatorApp({ dataDir, host, ports }, env) {
  const origin = `http://${reachableHost(host)}`;
  const own = {
    DEMO_TASK: "live",
    DEMO_DIR: dataDir,
    DEMO_URL: `${origin}:${ports.API_PORT}`,
    DEMO_INGEST_URL: `${origin}:${ports.INGEST_PORT}`,
    SIMULATOR_PORT: String(simulatorPort(env)),
  };
  return { name: "simulator", entry: SIMULATOR_ENTRY, own };
}

/**
 * Writes the traffic since the last run, or of the last thirty days.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether everything was written; `false` if the signal aborted it
 * @throws {Fault} it failed; the cause is printed on the terminal
 */
export async function fillDemo(env, signal) {
  console.log("Adding the demo's traffic up to now (thirty days at the first start) …");
  const child = spawn(process.execPath, [SIMULATOR_ENTRY], {
    env: { ...env, DEMO_TASK: "fill" },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  /** @type {string | undefined} */
  const fault = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, by) => resolve(code === 0 ? undefined : (by ?? `exit code ${code}`)));
  });
  signal.removeEventListener("abort", stop);
  if (signal.aborted) return false;
  if (fault !== undefined) throw new Fault(`The demo's traffic could not be added (${fault}).`, 1);
  return true;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 */
function given(env, name) {
  return env[name] === "" ? undefined : env[name];
}
