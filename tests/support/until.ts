import { setTimeout as delay } from "node:timers/promises";

const POLL_MS_MIN = 20;
const POLL_MS_MAX = 100;

/**
 * Look again and again until there is something to see; less often after a while, so that looking does not slow down what is
 * waited for.
 * @param look gives `undefined` or `false` while there is not; what it throws ends the waiting
 * @throws after `timeoutMs`, saying what was waited for
 */
export async function until<Seen>(
  what: string,
  look: () => Seen | undefined | false | Promise<Seen | undefined | false>,
  timeoutMs = 30_000,
): Promise<Seen> {
  const startedAt = Date.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    const waitedMs = Date.now() - startedAt;
    if (waitedMs > timeoutMs) throw new Error(`waited ${timeoutMs} ms without success until ${what}`);
    await delay(Math.min(Math.max(POLL_MS_MIN, waitedMs / 20), POLL_MS_MAX));
  }
}
