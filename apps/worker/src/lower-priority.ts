import { getPriority, setPriority } from "node:os";

/** A `nice` value: when cores are scarce, a process at 5 gets a third of what one at 0 gets, and never nothing. */
const NICENESS = 5;

/**
 * Give ingest and Redis priority over this process if they share cores: senders wait for them, while the queue is safe. A process that was
 * started with an even lower priority keeps it.
 */
export function lowerPriority(): void {
  if (getPriority() >= NICENESS) return;
  try {
    setPriority(NICENESS);
  } catch {
    // Some sandboxes forbid it. It counts the same at the priority it has.
  }
}
