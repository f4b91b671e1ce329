import { ipKeyGenerator } from "express-rate-limit";
import { LRUCache } from "lru-cache";

const WINDOW_MS = 60_000;
/** How many addresses are remembered, the latest ones: this bounds the memory to about 2 MB. */
const ADDRESSES_MAX = 10_000;

/**
 * Counts wrong tokens by address (an IPv6 network counts as one), in this process only. Only requests with wrong tokens are counted and
 * refused: a gateway behind the same address can still post, and right tokens cost nothing here.
 */
export class FailedLoginLimit {
  readonly #perMinute: number;
  readonly #failedLogins = new LRUCache<string, { count: number }>({ max: ADDRESSES_MAX, ttl: WINDOW_MS });

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Count one more. @returns how long to wait, whole seconds >= 1; `undefined` while there are not too many */
  count(address: string | undefined): number | undefined {
    const key = ipKeyGenerator(address ?? "");
    const failedLogins = this.#failedLogins.get(key) ?? { count: 0 };
    failedLogins.count += 1;
    if (failedLogins.count === 1) this.#failedLogins.set(key, failedLogins);
    if (failedLogins.count <= this.#perMinute) return undefined;
    return Math.max(1, Math.ceil(this.#failedLogins.getRemainingTTL(key) / 1000));
  }
}
