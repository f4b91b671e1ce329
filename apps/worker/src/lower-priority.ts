import { getPriority, setPriority } from "node:os";

/** As `nice` counts: where cores are short, a process of 5 gets a third of what one of 0 gets, and never nothing. */
const NICENESS = 5;

/**
 * Let ingest and Redis go first where they share cores with this process: senders wait for those, and what is in the queue is
 * safe. A process that was started with a still lower priority keeps it.
 */
export function lowerPriority(): void {
  if (getPriority() >= NICENESS) return;
  try {
    setPriority(NICENESS);
  } catch {
    // Some sandboxes forbid it. It counts the same at the priority it has.
  }
}
