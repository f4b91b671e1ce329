import { availableParallelism } from "node:os";
import { isAbsolute, join } from "node:path";
import { Fault } from "../process/fault.mjs";
import { probePort } from "../process/free-port.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

/** @typedef {{ name: string, variable: string, port: number }} PortSetting */
/**
 * @typedef {object} StartSettings
 * @property {string} dataDir absolute
 * @property {string | undefined} redisUrl undefined: start an embedded one
 * @property {"durable" | "fast"} durability of the embedded one
 * @property {string | undefined} redisMemoryMax of the embedded one; undefined: its default
 * @property {string} host
 * @property {string} opsHost
 * @property {Record<PortName, number>} ports
 * @property {Processes} processes
 * @property {boolean} rawLog
 */
/** @typedef {keyof typeof PORTS} PortName */
/** @typedef {{ ingest: number, worker: number }} Processes how many of each */

const PORTS = {
  INGEST_PORT: 8080,
  API_PORT: 8081,
  INGEST_OPS_PORT: 9101,
  WORKER_OPS_PORT: 9102,
  API_OPS_PORT: 9103,
  FORWARDER_OPS_PORT: 9104,
};
const PROCESSES_MAX = 64;
/** The distance between the ops ports of an app's processes; the first ports of the apps are adjacent. */
const OPS_PORT_STEP = 10;
const PORT_NAMES = /** @type {PortName[]} */ (Object.keys(PORTS));

/**
 * The settings that `npm start` itself needs. The apps check all settings.
 *
 * @param {NodeJS.ProcessEnv} env an empty value counts as none
 * @returns {StartSettings}
 * @throws {Fault} with all faults
 */
export function readSettings(env) {
  /** @param {string} name */
  const given = (name) => (env[name] === "" ? undefined : env[name]);
  /** @type {string[]} */
  const faults = [];
  const ports = { ...PORTS };
  for (const name of PORT_NAMES) {
    ports[name] = Number(given(name) ?? PORTS[name]);
    if (!Number.isInteger(ports[name]) || ports[name] < 1 || ports[name] > 65535) {
      faults.push(`${name} must be a port from 1 to 65535.`);
    }
    const twin = PORT_NAMES.find((other) => other !== name && ports[other] === ports[name]);
    if (twin !== undefined && PORT_NAMES.indexOf(twin) < PORT_NAMES.indexOf(name)) {
      faults.push(`${twin} and ${name} are both ${ports[name]}: give each its own port.`);
    }
  }
  const processes = defaultProcesses(availableParallelism());
  for (const app of /** @type {const} */ (["ingest", "worker"])) {
    const name = `${app.toUpperCase()}_PROCESSES`;
    processes[app] = Number(given(name) ?? processes[app]);
    if (!Number.isInteger(processes[app]) || processes[app] < 1 || processes[app] > PROCESSES_MAX) {
      faults.push(`${name} must be a whole number from 1 to ${PROCESSES_MAX}.`);
      processes[app] = 1;
    }
  }
  faults.push(...furtherPortFaults(ports, processes));
  const durability = given("REDIS_DURABILITY") ?? "durable";
  if (durability !== "durable" && durability !== "fast") faults.push("REDIS_DURABILITY must be durable or fast.");
  const redisMemoryMax = given("REDIS_MAXMEMORY");
  if (redisMemoryMax !== undefined && !/^\d+(?:[kmg]b?)?$/i.test(redisMemoryMax)) {
    faults.push("REDIS_MAXMEMORY must be bytes, or a number with kb, mb or gb, such as 768mb.");
  }
  if (faults.length > 0) throw new Fault(faults.join("\n"), Fault.CONFIGURATION);

  const dataDir = given("TICKTALLY_DATA_DIR") ?? ".ticktally";
  return {
    dataDir: isAbsolute(dataDir) ? dataDir : join(PROJECT_ROOT, dataDir),
    redisUrl: given("REDIS_URL") ?? given("REDIS_SENTINEL"),
    durability: durability === "fast" ? "fast" : "durable",
    redisMemoryMax,
    host: given("HOST") ?? "127.0.0.1",
    opsHost: given("OPS_HOST") ?? "127.0.0.1",
    ports,
    processes,
    rawLog: env["TICKTALLY_LOG"] === "json",
  };
}

/**
 * Redis uses one core. By the CPU time of a webhook in ingest, worker and Redis (docs/performance.md, Scaling), two ingest processes and one worker
 * can use one Redis fully. Together these are four cores; with fewer, a second ingest process would slow down the others.
 *
 * @param {number} cores
 * @returns {Processes}
 */
export function defaultProcesses(cores) {
  return { ingest: cores >= 4 ? 2 : 1, worker: 1 };
}

/**
 * The ops port of each process of an app: 9101, 9111, 9121 …
 *
 * @param {number} first
 * @param {number} count
 */
export function opsPorts(first, count) {
  return Array.from({ length: count }, (_, i) => first + i * OPS_PORT_STEP);
}

/** @param {Record<PortName, number>} ports @param {Processes} processes */
function furtherPorts(ports, { ingest, worker }) {
  const further = (/** @type {"INGEST_OPS_PORT" | "WORKER_OPS_PORT"} */ name, /** @type {number} */ count) =>
    opsPorts(ports[name], count)
      .slice(1)
      .map((port) => ({ name, port }));
  return [...further("INGEST_OPS_PORT", ingest), ...further("WORKER_OPS_PORT", worker)];
}

/** @param {Record<PortName, number>} ports @param {Processes} processes */
function furtherPortFaults(ports, processes) {
  const further = furtherPorts(ports, processes);
  const given = PORT_NAMES.map((name) => ({ name, port: ports[name] }));
  return further.flatMap(({ name, port }, i) => {
    const next = `each further process has its ops port ${OPS_PORT_STEP} above the one before, from ${name} on`;
    if (port > 65535) return [`${name} is too high: ${next}, which comes to ${port}.`];
    const twin = [...given, ...further.slice(0, i)].find((other) => other.port === port);
    return twin === undefined ? [] : [`${twin.name} and ${name} both come to ${port}: ${next}.`];
  });
}

/**
 * Checks every port before anything is started, so that a busy port gives an error message and not a crash loop.
 *
 * @param {StartSettings} settings
 * @throws {Fault} names each port that cannot be used and the variable that changes it
 */
export async function checkPorts({ ports, processes, host, opsHost }) {
  const hostOf = (/** @type {string} */ name) => (name.endsWith("_OPS_PORT") ? opsHost : host);
  const all = [...PORT_NAMES.map((name) => ({ name, port: ports[name] })), ...furtherPorts(ports, processes)];
  const states = await Promise.all(
    all.map(async ({ name, port }) => ({ name, port, state: await probePort(port, hostOf(name)) })),
  );
  const faults = states.flatMap(({ name, port, state }) => {
    if (state === "free") return [];
    if (state === "EADDRINUSE") {
      const free = port === ports[name] ? "a free one" : `another (this is ${port - ports[name]} above it)`;
      return [`Port ${port} is in use: set ${name} to ${free}, or stop the program that uses it.`];
    }
    if (state === "EACCES") return [`Port ${port} needs root: set ${name} to one above 1023.`];
    const variable = name.endsWith("_OPS_PORT") ? "OPS_HOST" : "HOST";
    return [`Ticktally cannot listen on ${hostOf(name)} (${state}): ${variable} must be an address of this machine.`];
  });
  if (faults.length > 0) throw new Fault([...new Set(faults)].join("\n"), Fault.UNAVAILABLE);
}

/**
 * The address at which this machine reaches a server that listens on `host`.
 *
 * @param {string} host
 */
export function reachableHost(host) {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
