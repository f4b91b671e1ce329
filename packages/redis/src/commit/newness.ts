import type { MessageEvent } from "@ticktally/core";

/** How much one message moves the share. */
const WEIGHT = 0.01;
const SHARE_MAX = 0.02;

/**
 * Estimates how often a message that is not in the cache, and whose event is usually the first, exists in Redis: often with several workers
 * or after a restart, otherwise hardly ever. In the latter case it is assumed to be new without reading; the commit compares and reports if
 * it is not.
 */
export class Newness {
  #storedShare = 1;

  /** Whether a message is to be taken for new. */
  isLikely(events: readonly MessageEvent[]): boolean {
    return this.#storedShare < SHARE_MAX && mayBeFirst(events);
  }

  /** Record whether it turned out to be new. */
  learn(events: readonly MessageEvent[], wasStored: boolean): void {
    if (mayBeFirst(events)) this.#storedShare += WEIGHT * ((wasStored ? 1 : 0) - this.#storedShare);
  }
}

function mayBeFirst(events: readonly MessageEvent[]): boolean {
  for (const event of events)
    if (event.kind === "observation" || event.status === "sent" || event.status === "pending") return true;
  return false;
}
