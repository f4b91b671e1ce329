import { setTimeout as delay } from "node:timers/promises";

export interface FeedOptions {
  /** @returns whether it was answered with exactly 200 */
  readonly post: (webhook: object) => Promise<boolean>;
  /** How long a gateway waits after a refusal. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  /** How time passes; tests count instead. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Waits of which a gateway's documents speak: "about a minute". */
export const PAUSE_MS = 60_000;

/**
 * The webhooks of one instance as its gateway sends them: one after the other, and after any answer but 200 the same one again a pause
 * later, while all behind it wait.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #waiting: object[] = [];
  #sending: Promise<void> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Webhooks that are not accepted yet. */
  get size(): number {
    return this.#waiting.length;
  }

  push(webhook: object): void {
    this.#waiting.push(webhook);
    this.#sending ??= this.#sendAll();
  }

  /** Resolves when all is accepted, or the signal has ended it. */
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

/** A function, because the compiler takes what was just checked for unchanged across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
