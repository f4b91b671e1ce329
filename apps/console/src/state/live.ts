import { effect, signal } from "@preact/signals";
import { disconnectedSince } from "../rest/request.ts";
import { instances } from "./scope.ts";
import { session } from "./session.ts";

/**
 * How the page stays up to date. Everything live asks again when `pulse` moves; what moves it is known here only: the api's events, and
 * where there is no stream, the clock. Where answers take long it moves less often: the page spends at most a fifth of the time on asking.
 */

/** Moves whenever there may be something new. */
export const pulse = signal(0);
/** The user has stopped the updates. */
export const isPaused = signal(false);

const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 30_000;
const SHARE_OF_TIME = 5;
/** With a stream: an outage shows, and so does what is known without an event, such as a longer queue. */
const QUIET_MS = 5_000;
/** The api may be restarting, or have no stream left. */
const AGAIN_MS = 10_000;

let answerMs = 0;
let isNew = false;
let isStreaming = false;
let beatAt = 0;

/** How long an answer to live questions took: the pace follows the slowest of late. */
export function answered(tookMs: number): void {
  answerMs = Math.max(tookMs, answerMs * 0.8);
}

/** Runs as long as the page. A hidden tab has no stream and asks nothing, and asks at once when it is seen again. */
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

/** @returns ends it */
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
      // A browser tries again by itself after a break, but not after a refusal.
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
