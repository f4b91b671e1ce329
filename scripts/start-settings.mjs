import { isAbsolute, join } from "node:path";
import { Fault } from "./fault.mjs";
import { probePort } from "./free-port.mjs";
import { PROJECT_ROOT } from "./workspace.mjs";

/** @typedef {{ name: string, variable: string, port: number }} PortSetting */
/**
 * @typedef {object} StartSettings
 * @property {string} dataDir absolute
 * @property {string | undefined} redisUrl undefined: start an embedded one
 * @property {"durable" | "fast"} durability of the embedded one
 * @property {string} host
 * @property {string} opsHost
 * @property {Record<PortName, number>} ports
 * @property {boolean} rawLog
 */
/** @typedef {keyof typeof PORTS} PortName */

const PORTS = {
  INGEST_PORT: 8080,
  API_PORT: 8081,
  INGEST_OPS_PORT: 9101,
  WORKER_OPS_PORT: 9102,
  API_OPS_PORT: 9103,
};
const PORT_NAMES = /** @type {PortName[]} */ (Object.keys(PORTS));

/**
 * What `npm start` itself must know. The apps check everything else, and these again.
 *
 * @param {NodeJS.ProcessEnv} env an empty value counts as none
 * @returns {StartSettings}
 * @throws {Fault} with all faults at once
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
  const durability = given("REDIS_DURABILITY") ?? "durable";
  if (durability !== "durable" && durability !== "fast") faults.push("REDIS_DURABILITY must be durable or fast.");
  if (faults.length > 0) throw new Fault(faults.join("\n"), Fault.CONFIGURATION);

  const dataDir = given("TICKTALLY_DATA_DIR") ?? ".ticktally";
  return {
    dataDir: isAbsolute(dataDir) ? dataDir : join(PROJECT_ROOT, dataDir),
    redisUrl: given("REDIS_URL") ?? given("REDIS_SENTINEL"),
    durability: durability === "fast" ? "fast" : "durable",
    host: given("HOST") ?? "127.0.0.1",
    opsHost: given("OPS_HOST") ?? "127.0.0.1",
    ports,
    rawLog: env["TICKTALLY_LOG"] === "json",
  };
}

/**
 * Looks at every port before anything is started, so that a busy one is one sentence and not a crash loop.
 *
 * @param {StartSettings} settings
 * @throws {Fault} naming each port that cannot be used and the variable that changes it
 */
export async function checkPorts({ ports, host, opsHost }) {
  const hostOf = (/** @type {string} */ name) => (name.endsWith("_OPS_PORT") ? opsHost : host);
  const states = await Promise.all(PORT_NAMES.map(async (name) => probePort(ports[name], hostOf(name))));
  const faults = states.flatMap((state, index) => {
    const name = PORT_NAMES[index];
    if (state === "free" || name === undefined) return [];
    if (state === "EADDRINUSE") {
      return [`Port ${ports[name]} is in use: set ${name} to a free one, or stop the program that uses it.`];
    }
    if (state === "EACCES") return [`Port ${ports[name]} needs root: set ${name} to one above 1023.`];
    const variable = name.endsWith("_OPS_PORT") ? "OPS_HOST" : "HOST";
    return [`Ticktally cannot listen on ${hostOf(name)} (${state}): ${variable} must be an address of this machine.`];
  });
  if (faults.length > 0) throw new Fault([...new Set(faults)].join("\n"), Fault.UNAVAILABLE);
}

/**
 * Where this machine reaches what listens on `host`.
 *
 * @param {string} host
 */
export function reachableHost(host) {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
