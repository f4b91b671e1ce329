// A private PostgreSQL on a free port, for the contender that keeps its queue there.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { freeLoopbackPort } from "../../../scripts/process/free-port.mjs";
import { endWithRun, hasEnded, temporaryFolder } from "../processes/cleanup.ts";
import { cpuSeconds } from "../processes/processes.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";

const DEBIAN_FOLDER = "/usr/lib/postgresql";
const START_WAIT_MS = 30_000;

/** Why PostgreSQL cannot be started, or `undefined` if it can. */
export function whyNoPostgres() {
  return programs() === undefined
    ? `PostgreSQL is not installed in ${DEBIAN_FOLDER} (apt-get install postgresql)`
    : undefined;
}

/** @param durability "fast" loses up to three WAL writer rounds (0.6 s) in a crash */
export async function startPostgres(durability: Durability) {
  const bin = programs();
  if (bin === undefined) throw new Error(whyNoPostgres());
  const folder = await temporaryFolder();
  const [data, owner, port] = [join(folder.path, "data"), ownerOf(folder.path), await freeLoopbackPort()];
  const initialise = ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-instructions"];
  execFileSync(join(bin, "initdb"), initialise, { ...owner, stdio: ["ignore", "ignore", "inherit"], cwd: folder.path });
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "100",
    shared_buffers: "512MB",
    synchronous_commit: durability === "durable" ? "on" : "off",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", data, ...options], {
    ...owner,
    stdio: "ignore",
    cwd: folder.path,
  });
  endWithRun(server.pid);
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  await untilAnswering(url);
  return {
    url,
    cpuSeconds: () => cpuSeconds(server.pid) + childrenOf(server.pid).reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    stop: async () => {
      const ended = once(server, "exit");
      server.kill("SIGQUIT");
      await ended;
      hasEnded(server.pid);
      await folder.remove();
    },
  };
}

/** The folder of the newest version's programs. */
function programs() {
  if (!existsSync(DEBIAN_FOLDER)) return undefined;
  const newest = readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a))[0];
  const bin = join(DEBIAN_FOLDER, newest ?? "", "bin");
  return existsSync(join(bin, "initdb")) ? bin : undefined;
}

/** PostgreSQL refuses to run as root, so root runs it as the user of the package. */
function ownerOf(folder: string) {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  const owner = { uid: id("-u"), gid: id("-g") };
  chownSync(folder, owner.uid, owner.gid);
  return owner;
}

async function untilAnswering(url: string) {
  const deadline = Date.now() + START_WAIT_MS;
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

function childrenOf(pid: number | undefined) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}
