// A thread that first sends the time at which the first request is due, and then how many requests are due by now. It sleeps with a precision of
// 0.1 ms. Timers of the event loop have whole milliseconds only: with them, a bare server seemed to answer after 1.4 ms instead of 0.3 ms (median).
// The thread costs the load generator about 60 µs of CPU a request, the same for all contenders.
import { workerData, parentPort } from "node:worker_threads";
import { dueCount, dueMs } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";

/** Time until the first request is due, so that the main thread is ready for it. */
const LEAD_MS = 50;

const given: unknown = workerData;
const schedule = given as Schedule;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Unlike `performance.now`, its origin is the same in all threads. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

const startAtMs = nowMs() + LEAD_MS;
parentPort?.postMessage(startAtMs);
for (let due = 0; due < schedule.count;) {
  const waitMs = startAtMs + dueMs(schedule, due) - nowMs();
  if (waitMs > 0) Atomics.wait(sleeper, 0, 0, waitMs);
  due = Math.max(due, dueCount(schedule, nowMs() - startAtMs));
  parentPort?.postMessage(due);
}
