import { effect, signal } from "@preact/signals";
import { disconnectedSince } from "../rest/request.ts";
import { instances } from "./scope.ts";
import { session } from "./session.ts";

/**
 * How the page stays up to date. Everything live reloads when `pulse` changes. Only this file knows what changes it: the api's events, or
 * the clock if there is no stream. If answers take long it changes less often, so the page spends at most a fifth of the time on requests.
 */

/** Changes whenever there may be something new. */
export const pulse = signal(0);
/** Whether the user has paused the updates. */
export const isPaused = signal(false);

const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 30_000;
const SHARE_OF_TIME = 5;
/** With a stream, to notice an outage and changes without an event, such as a longer queue. */
const QUIET_MS = 5_000;
/** The api may be restarting, or at its limit of streams. */
const AGAIN_MS = 10_000;

let answerMs = 0;
let isNew = false;
let isStreaming = false;
let beatAt = 0;

/** How long live requests took. The interval follows the slowest recent one. */
export function answered(tookMs: number): void {
  answerMs = Math.max(tookMs, answerMs * 0.8);
}

/** Runs as long as the page. A hidden tab has no stream and sends no requests, and reloads as soon as it is visible again. */
export function startPulse(): void {
  setInterval(() => {
    const sinceMs = performance.now() - beatAt;
    const isDue = isNew || !isStreaming || sinceMs >= QUIET_MS;
    if (isDue && sinceMs >= Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS, answerMs * SHARE_OF_TIME))) beat();
  }, PAUSE_MS / 4);
  document.addEventListener("visibilitychange", () => {
    isVisible.value = !document.hidden;
    beat();
  });
  effect(() => {
    if (!isPaused.value) beat();
  });
  effect(() => {
    const isWanted = isVisible.value && !isPaused.value && session.value !== null && session.value !== undefined;
    return isWanted ? listen(instances.value) : undefined;
  });
}

const isVisible = signal(!document.hidden);

function beat(): void {
  if (document.hidden || isPaused.peek()) return;
  beatAt = performance.now();
  isNew = false;
  pulse.value = pulse.peek() + 1;
}

/** @returns a function to stop it */
function listen(names: string): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(names === "all" ? "/events" : `/events?instances=${encodeURIComponent(names)}`);
    source.onopen = () => {
      isStreaming = true;
    };
    source.addEventListener("counts", () => {
      isNew = true;
    });
    source.onerror = () => {
      isStreaming = false;
      // A browser reconnects by itself after an interruption, but not after an error status.
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
    isStreaming = false;
  };
}

export type Connection = "live" | "reconnecting" | "paused";

export function connection(): Connection {
  if (isPaused.value) return "paused";
  return disconnectedSince.value === undefined ? "live" : "reconnecting";
}
