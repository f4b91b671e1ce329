/**
 * Several processes of ingest behind one port, for `npm start` on machines with cores for them. A process that ends is started
 * again; when this one is told to stop, it lets all of them finish first. Each has an ops port of its own, because what a
 * process counts is its own: added up in one place, the restart of one would look like a step back of all.
 *
 * Environment, beside ingest's own: INGEST_ENTRY, its JavaScript file; INGEST_OPS_PORTS, one for each process, by comma.
 */
import cluster from "node:cluster";
import { restartDelay } from "./start/restart-delay.mjs";

const port = Number(process.env["INGEST_PORT"]);
const opsPorts = (process.env["INGEST_OPS_PORTS"] ?? "").split(",");
let stopping = false;
/** Processes that have not listened yet: until then an end is a fault of the settings or the machine, and the parent process decides. */
const starting = new Set(opsPorts);

// One connection after the other to each: left to the kernel, most would go to one process.
cluster.schedulingPolicy = cluster.SCHED_RR;
cluster.setupPrimary({ exec: process.env["INGEST_ENTRY"] ?? "" });
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, stop);
for (const opsPort of opsPorts) run(opsPort);

/** @param {string} opsPort @param {number} endsBefore how often in a row it has ended */
function run(opsPort, endsBefore = 0) {
  const startedAt = Date.now();
  const worker = cluster.fork({ INGEST_OPS_PORT: opsPort });
  worker.on("listening", (address) => {
    if (address.port === port) starting.delete(opsPort);
  });
  worker.on("exit", (/** @type {number | null} */ exitCode, /** @type {string | null} */ signal) => {
    if (stopping) return;
    if (starting.size > 0) {
      // The others are told by their parent's end.
      process.exit(exitCode === null || exitCode === 0 ? 1 : exitCode);
    }
    const { endsInARow, delayMs } = restartDelay(endsBefore, Date.now() - startedAt);
    const how = signal ?? `exit code ${exitCode}`;
    console.log(`the process with ops port ${opsPort} ended (${how}); starting it again in ${delayMs / 1000} s`);
    setTimeout(() => {
      if (!stopping) run(opsPort, endsInARow);
    }, delayMs);
  });
}

/** Each has its own time budget, and the sender of the signal has one for all. */
function stop() {
  if (stopping) return;
  stopping = true;
  const workers = Object.values(cluster.workers ?? {}).flatMap((worker) => worker ?? []);
  let running = workers.length;
  if (running === 0) process.exit(0);
  for (const worker of workers) {
    worker.process.once("exit", () => {
      running -= 1;
      if (running === 0) process.exit(0);
    });
    worker.process.kill("SIGTERM");
  }
}
