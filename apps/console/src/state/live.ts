import { effect, signal } from "@preact/signals";
import { disconnectedSince } from "../rest/request.ts";

/**
 * How the page stays up to date. Everything live asks again when `pulse` moves; what moves it is known here only. It is asked every
 * second, and less often where answers take long: the page spends at most a tenth of the time on asking.
 */

/** Moves whenever there may be something new. */
export const pulse = signal(0);
/** The user has stopped the updates. */
export const isPaused = signal(false);

const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 30_000;
const SHARE_OF_TIME = 10;

let answerMs = 0;

/** How long an answer to live questions took: the pace follows the slowest of late. */
export function answered(tookMs: number): void {
  answerMs = Math.max(tookMs, answerMs * 0.8);
}

/** Runs as long as the page. A hidden tab asks nothing, and asks at once when it is seen again. */
export function startPulse(): void {
  const beat = () => {
    if (!document.hidden && !isPaused.peek()) pulse.value = pulse.peek() + 1;
  };
  const wait = () => {
    setTimeout(
      () => {
        beat();
        wait();
      },
      Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS, answerMs * SHARE_OF_TIME)),
    );
  };
  wait();
  document.addEventListener("visibilitychange", beat);
  effect(() => {
    if (!isPaused.value) beat();
  });
}

export type Connection = "live" | "reconnecting" | "paused";

export function connection(): Connection {
  if (isPaused.value) return "paused";
  return disconnectedSince.value === undefined ? "live" : "reconnecting";
}
