/**
 * Loaded before an app (`node --import`): its wall clock is as far ahead of the real one as the file STEERED_CLOCK_FILE says, in milliseconds, and
 * its intervals are STEERED_CLOCK_INTERVALS times shorter, and its abort signals come STEERED_CLOCK_SIGNALS times sooner. Time-outs are as they are:
 * connections need theirs.
 */
import { readFileSync } from "node:fs";
import process from "node:process";

const file = process.env["STEERED_CLOCK_FILE"] ?? "";
const divisor = Number(process.env["STEERED_CLOCK_INTERVALS"] ?? 1);
const signalsDivisor = Number(process.env["STEERED_CLOCK_SIGNALS"] ?? 1);

const [realNow, realInterval] = [Date.now, globalThis.setInterval];

// Read each time, so that what happens after the clock was moved happens after it in every process.
Date.now = () => realNow() + Number(readFileSync(file, "utf8"));
/** @type {(callback: (...args: readonly unknown[]) => void, ms?: number, ...args: readonly unknown[]) => NodeJS.Timeout} */
const shorter = (callback, ms = 1, ...args) => realInterval(callback, Math.max(1, ms / divisor), ...args);
Object.defineProperty(globalThis, "setInterval", { value: shorter });

const realSignal = globalThis.AbortSignal.timeout.bind(globalThis.AbortSignal);
globalThis.AbortSignal.timeout = (/** @type {number} */ ms) => realSignal(Math.round(ms / signalsDivisor));
