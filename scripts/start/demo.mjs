/**
 * `npm start -- --demo`: the same processes on data of their own, which a gateway that does not exist fills with a month of traffic and
 * goes on with.
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
 * @throws {Fault} something else was given
 */
export function isDemo(args) {
  const stranger = args.find((arg) => arg !== "--demo");
  if (stranger !== undefined)
    throw new Fault(`npm start has only the option --demo, not ${stranger}.`, Fault.CONFIGURATION);
  return args.length > 0;
}

/**
 * What the demo runs with: never on data that someone may need.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 * @throws {Fault} a Redis was named
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
    // Its data can be made again at any time.
    REDIS_DURABILITY: given(env, "REDIS_DURABILITY") ?? "fast",
    // What one of the gateways that do not exist signs with: known to these processes alone.
    META_APP_SECRET: given(env, "META_APP_SECRET") ?? randomBytes(32).toString("hex"),
    META_VERIFY_TOKEN: given(env, "META_VERIFY_TOKEN") ?? randomBytes(32).toString("hex"),
    // Where the gateway that does not exist answers.
    OUTBOUND_ALLOWED_NETWORKS: networks.join(","),
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @throws {Fault} it is no port
 */
export function simulatorPort(env) {
  const port = Number(given(env, "SIMULATOR_PORT") ?? SIMULATOR_PORT);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Fault("SIMULATOR_PORT must be a port from 1 to 65535.", Fault.CONFIGURATION);
}

/**
 * The process that goes on with the traffic.
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
 * Writes the traffic between the last run, or the last thirty days, and now.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether all is written; `false` if the signal has ended it
 * @throws {Fault} it did not work; why is on the terminal
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
