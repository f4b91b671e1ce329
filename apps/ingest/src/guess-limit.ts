import { ipKeyGenerator } from "express-rate-limit";
import { LRUCache } from "lru-cache";

const WINDOW_MS = 60_000;
/** Of so many addresses the latest are remembered: what guessers cost is bounded, some 2 MB. */
const ADDRESSES_MAX = 10_000;

/**
 * Counts wrong tokens by address (an IPv6 network counts as one), in this process alone. Only wrong tokens are ever counted
 * or refused for it: a gateway behind the same address posts on, and right tokens cost nothing here.
 */
export class GuessLimit {
  readonly #perMinute: number;
  readonly #guesses = new LRUCache<string, { count: number }>({ max: ADDRESSES_MAX, ttl: WINDOW_MS });

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Count one more. @returns how long to wait, whole seconds >= 1; `undefined` while it is not too many */
  count(address: string | undefined): number | undefined {
    const key = ipKeyGenerator(address ?? "");
    const guesses = this.#guesses.get(key) ?? { count: 0 };
    guesses.count += 1;
    if (guesses.count === 1) this.#guesses.set(key, guesses);
    if (guesses.count <= this.#perMinute) return undefined;
    return Math.max(1, Math.ceil(this.#guesses.getRemainingTTL(key) / 1000));
  }
}
