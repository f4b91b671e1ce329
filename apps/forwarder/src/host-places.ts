/** Requests to one host at once, of this process. */
const PLACES = 10;
const WAIT_MS = 200;
const WAIT_MS_MAX = 30_000;

interface Host {
  taken: number;
  readonly takenByTarget: Map<string, number>;
  /** Lanes that found no free place since one was last assigned. */
  refused: number;
}

/**
 * Limits the concurrent requests to one host, so a slow host blocks only that many lanes, whatever the number of instances. The more lanes
 * wait for a place, the longer each waits. Each target may always have one request, whatever other targets at the same host have taken,
 * because receivers of several customers often share a host.
 */
export class HostPlaces {
  readonly #hosts = new Map<string, Host>();

  /** @returns `undefined` if a place was taken, which must be released; otherwise milliseconds to wait */
  take(host: string, target: string): number | undefined {
    const known = this.#hosts.get(host) ?? { taken: 0, takenByTarget: new Map<string, number>(), refused: 0 };
    this.#hosts.set(host, known);
    const ofTarget = known.takenByTarget.get(target) ?? 0;
    if (known.taken < PLACES || ofTarget === 0) {
      known.taken += 1;
      known.takenByTarget.set(target, ofTarget + 1);
      known.refused = 0;
      return undefined;
    }
    known.refused += 1;
    return Math.min(WAIT_MS_MAX, WAIT_MS * (1 + Math.floor(known.refused / PLACES)));
  }

  giveBack(host: string, target: string): void {
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    known.taken -= 1;
    const left = (known.takenByTarget.get(target) ?? 0) - 1;
    if (left > 0) known.takenByTarget.set(target, left);
    else known.takenByTarget.delete(target);
    if (known.taken === 0) this.#hosts.delete(host);
  }
}
