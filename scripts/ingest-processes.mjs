/**
 * Runs several ingest processes behind one port, for `npm start` on machines with enough cores. A process that ends is restarted; a signal to stop
 * waits until all have finished. Each process has its own ops port, because its counters are its own: if they were summed, the restart of one
 * process would look like a counter reset.
 *
 * Environment, in addition to ingest's: INGEST_ENTRY, its JavaScript file; INGEST_OPS_PORTS, one for each process, separated by commas.
 */
import cluster from "node:cluster";
import { restartDelay } from "./start/restart-delay.mjs";

const port = Number(process.env["INGEST_PORT"]);
const opsPorts = (process.env["INGEST_OPS_PORTS"] ?? "").split(",");
let stopping = false;
/** Processes that do not listen yet. If one of them ends, the cause is the settings or the machine, and the parent process decides. */
const starting = new Set(opsPorts);

// Connections are distributed round-robin: the kernel would give most of them to one process.
cluster.schedulingPolicy = cluster.SCHED_RR;
cluster.setupPrimary({ exec: process.env["INGEST_ENTRY"] ?? "" });
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, stop);
for (const opsPort of opsPorts) run(opsPort);

/** @param {string} opsPort @param {number} endsBefore how often it has ended in a row */
function run(opsPort, endsBefore = 0) {
  const startedAt = Date.now();
  const worker = cluster.fork({ INGEST_OPS_PORT: opsPort });
  worker.on("listening", (address) => {
    if (address.port === port) starting.delete(opsPort);
  });
  worker.on("exit", (/** @type {number | null} */ exitCode, /** @type {string | null} */ signal) => {
    if (stopping) return;
    if (starting.size > 0) {
      // The other processes end when they lose their parent.
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

/** Stop all processes. There is no time limit here: each process has one, and so has the sender of the signal. */
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
