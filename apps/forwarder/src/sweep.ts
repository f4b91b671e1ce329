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
  readonly overviews: Pick<TargetOverviews, "dropTarget">;
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

/**
 * Once a minute, in every forwarder: wakes each lane that holds something, for a process may have died between putting it there and
 * waking the lane, or Redis have lost the one and not the other (a lane that is awake stays as it is); drops what became too old; deletes
 * what removed targets left; and encrypts targets' secrets with the first key.
 */
export class Sweep {
  readonly #options: SweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  /** Removed targets that were emptied by the sweep before: what was under way then is over. */
  #emptied = new Set<string>();

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

  /** Never throws: the next one does what this one could not. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { known, letters, reader, queue, metrics, onError, now } = this.#options;
    try {
      metrics.show(known.all.map(({ name }) => name));
      for (const target of known.all) {
        await queue.wake(await reader.lanesOf(target.id));
        await letters.expire(target.id, now());
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
    const { targets, overviews } = this.#options;
    const removed = await targets.removed();
    for (const id of removed) {
      await overviews.dropTarget(id);
      if (this.#emptied.has(id)) await targets.forget(id);
    }
    this.#emptied = new Set(removed);
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
