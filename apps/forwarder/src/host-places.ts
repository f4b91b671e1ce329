/** Requests to one host at once, of this process. */
const PLACES = 10;
const WAIT_MS = 200;
const WAIT_MS_MAX = 30_000;

interface Host {
  taken: number;
  /** Lanes that found no place since one was given last. */
  refused: number;
}

/**
 * So many requests may be under way to one host: a slow one then holds up as many lanes, and no more, whatever number of instances are
 * sent there. A lane without a place waits the longer the more lanes wait with it.
 */
export class HostPlaces {
  readonly #hosts = new Map<string, Host>();

  /** @returns `undefined`: a place was taken, give it back; else milliseconds to wait */
  take(host: string): number | undefined {
    const known = this.#hosts.get(host) ?? { taken: 0, refused: 0 };
    this.#hosts.set(host, known);
    if (known.taken < PLACES) {
      known.taken += 1;
      known.refused = 0;
      return undefined;
    }
    known.refused += 1;
    return Math.min(WAIT_MS_MAX, WAIT_MS * (1 + Math.floor(known.refused / PLACES)));
  }

  giveBack(host: string): void {
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    known.taken -= 1;
    if (known.taken === 0) this.#hosts.delete(host);
  }
}
