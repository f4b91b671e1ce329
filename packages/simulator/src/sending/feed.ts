import { setTimeout as delay } from "node:timers/promises";

export interface FeedOptions {
  /** @returns whether it was answered with exactly 200 */
  readonly post: (webhook: object) => Promise<boolean>;
  /** How long a gateway waits after a refusal. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  /** How to wait; tests only count the calls. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** The wait that a gateway's documentation gives as "about a minute". */
export const PAUSE_MS = 60_000;

/**
 * The webhooks of one instance as its gateway sends them: one after the other. After any answer but 200 it pauses and sends the same one
 * again, while all later ones wait.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #waiting: object[] = [];
  #sending: Promise<void> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Number of webhooks that are not accepted yet. */
  get size(): number {
    return this.#waiting.length;
  }

  push(webhook: object): void {
    this.#waiting.push(webhook);
    this.#sending ??= this.#sendAll();
  }

  /** Resolves when everything is accepted, or the signal aborts. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { post, pauseMs, signal, pause = paused } = this.#options;
    let [webhook] = this.#waiting;
    while (webhook !== undefined && !signal.aborted) {
      if (await post(webhook)) {
        this.#waiting.shift();
        [webhook] = this.#waiting;
      } else if (!isAborted(signal)) await pause(pauseMs, signal);
    }
    this.#sending = undefined;
  }
}

async function paused(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** A function, because the compiler assumes that a checked value does not change across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
