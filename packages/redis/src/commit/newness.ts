import type { MessageEvent } from "@ticktally/core";

/** How much one message moves the share. */
const WEIGHT = 0.01;
const SHARE_MAX = 0.02;

/**
 * How often a message that is not remembered, and of which an event comes that is mostly the first, is stored all the same: with several
 * workers, or after a restart, often; else hardly ever. Then it is taken for new without asking: the commit compares, and says so if it is not.
 */
export class Newness {
  #storedShare = 1;

  /** Whether a message is to be taken for new. */
  isLikely(events: readonly MessageEvent[]): boolean {
    return this.#storedShare < SHARE_MAX && mayBeFirst(events);
  }

  /** What it turned out to be. */
  learn(events: readonly MessageEvent[], wasStored: boolean): void {
    if (mayBeFirst(events)) this.#storedShare += WEIGHT * ((wasStored ? 1 : 0) - this.#storedShare);
  }
}

function mayBeFirst(events: readonly MessageEvent[]): boolean {
  for (const event of events)
    if (event.kind === "observation" || event.status === "sent" || event.status === "pending") return true;
  return false;
}
