import {
  openSecrets,
  sealSecrets,
  type DeadLetters,
  type ForwardCipher,
  type LaneQueue,
  type LaneReader,
  type RedisTargets,
  type TargetOverviews,
} from "@ticktally/redis";
import type { StoredTarget } from "@ticktally/schemas";
import type { ForwarderMetrics } from "./forwarder-metrics.ts";
import type { KnownTargets } from "./known-targets.ts";

export interface SweepOptions {
  readonly targets: Pick<RedisTargets, "removed" | "forget" | "change">;
  readonly known: Pick<KnownTargets, "all">;
  readonly overviews: Pick<TargetOverviews, "dropTarget" | "correctBytes">;
  readonly letters: Pick<DeadLetters, "expire">;
  readonly reader: Pick<LaneReader, "lanesOf">;
  readonly queue: Pick<LaneQueue, "wake">;
  readonly cipher: ForwardCipher;
  readonly metrics: Pick<ForwarderMetrics, "show">;
  readonly onError: (error: Error) => void;
  /** Unix ms */
  readonly now: () => number;
}

const EVERY_MS = 60_000;
/** Longer than any request that began before its target was removed. */
const FOLLOWED_MS = 10 * EVERY_MS;

/**
 * Once a minute, in every forwarder: wakes each lane that has entries, because a process may have died between adding an entry and waking
 * the lane, or Redis may have lost only one of the two (a lane that is awake is not affected); drops entries that are too old; deletes data
 * of removed targets; and re-encrypts targets' secrets with the first key.
 */
export class Sweep {
  readonly #options: SweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  /** Removed targets and when they were first emptied, Unix ms. */
  #emptied: ReadonlyMap<string, number> = new Map();

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  start(): void {
    void this.run();
    this.#timer = setInterval(() => void this.run(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Never throws: the next run does what this one could not. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { known, overviews, letters, reader, queue, metrics, onError, now } = this.#options;
    try {
      metrics.show(known.all.map(({ name }) => name));
      for (const target of known.all) {
        await queue.wake(await reader.lanesOf(target.id));
        await letters.expire(target.id, now());
        await overviews.correctBytes(target.id);
        await this.#seal(target);
      }
      await this.#clearRemoved();
    } catch (error) {
      onError(error instanceof Error ? error : new Error("unknown"));
    } finally {
      this.#isRunning = false;
    }
  }

  async #clearRemoved(): Promise<void> {
    const { targets, overviews, now } = this.#options;
    const emptied = new Map<string, number>();
    for (const id of await targets.removed()) {
      const firstAt = this.#emptied.get(id) ?? now();
      await overviews.dropTarget(id);
      if (now() - firstAt > FOLLOWED_MS) await targets.forget(id);
      else emptied.set(id, firstAt);
    }
    this.#emptied = emptied;
  }

  async #seal({ name, id, sealed }: StoredTarget): Promise<void> {
    const { targets, cipher } = this.#options;
    if (cipher.isCurrent(Buffer.from(sealed, "base64"))) return;
    await targets.change(name, (target) => {
      const secrets = openSecrets(cipher, target);
      return target.id !== id || secrets === undefined
        ? target
        : { ...target, sealed: sealSecrets(cipher, id, secrets) };
    });
  }
}
