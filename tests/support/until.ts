import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

/**
 * Look again and again until there is something to see.
 * @param look gives `undefined` or `false` while there is not; what it throws ends the waiting
 * @throws after `timeoutMs`, saying what was waited for
 */
export async function until<Seen>(
  what: string,
  look: () => Seen | undefined | false | Promise<Seen | undefined | false>,
  timeoutMs = 30_000,
): Promise<Seen> {
  const patienceEndsAt = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > patienceEndsAt) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await delay(POLL_MS);
  }
}
