/**
 * Preloaded into an app (`node --import`). Its wall clock is ahead of the real one by the milliseconds in the file ADJUSTABLE_CLOCK_FILE. Its
 * intervals are ADJUSTABLE_CLOCK_INTERVALS times shorter, and `AbortSignal.timeout` fires ADJUSTABLE_CLOCK_SIGNALS times sooner. `setTimeout`
 * does not change, because connections need their real time-outs.
 */
import { readFileSync } from "node:fs";
import process from "node:process";

const file = process.env["ADJUSTABLE_CLOCK_FILE"] ?? "";
const divisor = Number(process.env["ADJUSTABLE_CLOCK_INTERVALS"] ?? 1);
const signalsDivisor = Number(process.env["ADJUSTABLE_CLOCK_SIGNALS"] ?? 1);

const [realNow, realInterval] = [Date.now, globalThis.setInterval];

// The file is read at each call, so that all processes see a new time as soon as the test has set it.
Date.now = () => realNow() + Number(readFileSync(file, "utf8"));
/** @type {(callback: (...args: readonly unknown[]) => void, ms?: number, ...args: readonly unknown[]) => NodeJS.Timeout} */
const shorter = (callback, ms = 1, ...args) => realInterval(callback, Math.max(1, ms / divisor), ...args);
Object.defineProperty(globalThis, "setInterval", { value: shorter });

const realSignal = globalThis.AbortSignal.timeout.bind(globalThis.AbortSignal);
globalThis.AbortSignal.timeout = (/** @type {number} */ ms) => realSignal(Math.round(ms / signalsDivisor));
