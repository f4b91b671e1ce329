import { setTimeout as delay } from "node:timers/promises";

const POLL_MS_MIN = 20;
const POLL_MS_MAX = 100;

/**
 * Poll until a condition holds; less often after a while, so that polling does not slow down what the test waits for.
 * @param look returns `undefined` or `false` to continue; an error ends the wait
 * @throws after `timeoutMs`; the message names the condition
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
    if (waitedMs > timeoutMs) throw new Error(`timed out after ${timeoutMs} ms waiting until ${what}`);
    await delay(Math.min(Math.max(POLL_MS_MIN, waitedMs / 20), POLL_MS_MAX));
  }
}
