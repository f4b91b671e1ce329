import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { freeLoopbackPort } from "../../scripts/free-port.mjs";
import { endWithRun, hasEnded, temporaryFolder } from "../cleanup.mjs";
import { untilReadyAt } from "../processes.mjs";
import { rowOf } from "../rounds.mjs";

/** Long enough for the garbage of the start to be collected. */
const REST_MS = 10_000;
const REST_SHORT_MS = 2_000;

/** `npm start` of what is installed and built. @type {import("../section.mjs").Section} */
export const startup = {
  name: "startup",
  title: "Start and memory",
  run: async ({ isShort, rounds, print }) => {
    // The first one reads everything from disk.
    await startOnce(0);
    const samples = [];
    for (let round = 1; round <= Math.min(rounds, 3); round++) {
      const sample = await startOnce(isShort ? REST_SHORT_MS : REST_MS);
      print(`  round ${round}: ${JSON.stringify(sample)}`);
      samples.push(sample);
    }
    const table = {
      name: "startup",
      title: "npm start, installed and built before",
      how: `From the command to all three processes ready, with an empty Redis of its own; resident memory when nothing has happened for ${(isShort ? REST_SHORT_MS : REST_MS) / 1000} s.`,
      columns: COLUMNS,
      rows: [rowOf("ticktally", "Ticktally", samples)],
    };
    return [table];
  },
};

/** @type {import("../section.mjs").Column[]} */
const COLUMNS = [
  { key: "readySeconds", label: "ready after, s", digits: 2 },
  { key: "ingestMib", label: "ingest, MiB", digits: 0 },
  { key: "workerMib", label: "worker, MiB", digits: 0 },
  { key: "apiMib", label: "api, MiB", digits: 0 },
];

/** @param {number} restMs */
async function startOnce(restMs) {
  const folder = await temporaryFolder();
  const ports = await Promise.all(Array.from({ length: 5 }, freeLoopbackPort));
  const names = ["INGEST_OPS_PORT", "WORKER_OPS_PORT", "API_OPS_PORT", "INGEST_PORT", "API_PORT"];
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], TICKTALLY_DATA_DIR: folder.path };
  const startedAt = performance.now();
  const child = spawn("npm", ["start"], {
    env: { ...env, ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])) },
    stdio: ["ignore", "ignore", "inherit"],
    // A group of its own, so that npm's child hears of the end too.
    detached: true,
  });
  const group = -(child.pid ?? 0);
  endWithRun(group, "SIGTERM");
  try {
    const [ingest = 0, worker = 0, api = 0] = ports;
    await Promise.all([ingest, worker, api].map(async (port) => untilReadyAt(child, port)));
    const readySeconds = (performance.now() - startedAt) / 1000;
    await delay(restMs);
    const [ingestMib, workerMib, apiMib] = [
      await residentMib(ingest),
      await residentMib(worker),
      await residentMib(api),
    ];
    return { readySeconds, ingestMib, workerMib, apiMib };
  } finally {
    const ended = once(child, "exit");
    process.kill(group, "SIGTERM");
    await ended;
    await untilGroupEnds(group);
    hasEnded(group);
    await folder.remove();
  }
}

/** @param {number} opsPort */
async function residentMib(opsPort) {
  const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}

/** npm may end before its child has stopped everything. @param {number} group */
async function untilGroupEnds(group) {
  for (;;) {
    try {
      process.kill(group, 0);
    } catch {
      return;
    }
    await delay(20);
  }
}
