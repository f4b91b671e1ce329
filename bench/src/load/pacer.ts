// A thread that first says when the first request is due, and from then on how many are due by now. It sleeps to a tenth of a
// millisecond. Timers of the event loop know whole milliseconds only: with them a bare server seemed to answer after 1.4 ms
// in place of 0.3 (median). The thread costs the load generator some 60 µs of CPU a request, the same for all contenders.
import { workerData, parentPort } from "node:worker_threads";
import { dueCount, dueMs } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";

/** Until the first request is due, so that the other thread is ready for it. */
const LEAD_MS = 50;

const given: unknown = workerData;
const schedule = given as Schedule;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Unlike `performance.now`, it has the same zero in all threads. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

const startAtMs = nowMs() + LEAD_MS;
parentPort?.postMessage(startAtMs);
for (let due = 0; due < schedule.count;) {
  const waitMs = startAtMs + dueMs(schedule, due) - nowMs();
  if (waitMs > 0) Atomics.wait(sleeper, 0, 0, waitMs);
  due = Math.max(due, dueCount(schedule, nowMs() - startAtMs));
  parentPort?.postMessage(due);
}
