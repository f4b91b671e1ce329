/**
 * Loaded before an app (`node --import`): its wall clock is as far ahead of the real one as the file STEERED_CLOCK_FILE says, in milliseconds, and
 * its intervals are STEERED_CLOCK_INTERVALS times shorter, and its abort signals come STEERED_CLOCK_SIGNALS times sooner. Time-outs are as they are:
 * connections need theirs.
 */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";

const file = process.env["STEERED_CLOCK_FILE"] ?? "";
const divisor = Number(process.env["STEERED_CLOCK_INTERVALS"] ?? 1);
const signalsDivisor = Number(process.env["STEERED_CLOCK_SIGNALS"] ?? 1);
const READ_EVERY_MS = 10;

const [realNow, realInterval] = [Date.now, globalThis.setInterval];
let [aheadMs, readAt] = [0, -Infinity];

Date.now = () => {
  if (performance.now() - readAt > READ_EVERY_MS)
    [aheadMs, readAt] = [Number(readFileSync(file, "utf8")), performance.now()];
  return realNow() + aheadMs;
};
/** @type {(callback: (...args: readonly unknown[]) => void, ms?: number, ...args: readonly unknown[]) => NodeJS.Timeout} */
const shorter = (callback, ms = 1, ...args) => realInterval(callback, Math.max(1, ms / divisor), ...args);
Object.defineProperty(globalThis, "setInterval", { value: shorter });

const realSignal = globalThis.AbortSignal.timeout.bind(globalThis.AbortSignal);
globalThis.AbortSignal.timeout = (ms) => realSignal(Math.round(ms / signalsDivisor));
