import { QueueFullError, type WebhookQueue } from "@ticktally/core";

/** How long a reading of the queue's depth is trusted. In between, what was added here is counted on top of it. */
const FRESH_MS = 250;

/** So many jobs wait when the worker does not keep up, be it slow, gone or just back; otherwise a few do. */
const BEHIND_JOBS = 100;

/** Keeps a shard's queue from growing past its limit; costs a round trip only when the last reading is old or too high. */
export class QueueDepth {
  readonly #queue: Pick<WebhookQueue, "waiting">;
  readonly #shard: number;
  readonly #jobsMax: number;
  readonly #now: () => number;
  #jobs = 0;
  #jobsRead = 0;
  #readAt = -Infinity;

  constructor(queue: Pick<WebhookQueue, "waiting">, shard: number, jobsMax: number, now: () => number) {
    this.#queue = queue;
    this.#shard = shard;
    this.#jobsMax = jobsMax;
    this.#now = now;
  }

  /** Whether what is added now waits for a while anyway. */
  get isBehind(): boolean {
    return this.#jobsRead >= BEHIND_JOBS;
  }

  /** @throws {QueueFullError} the queue holds as much as it may */
  async takePlace(): Promise<void> {
    if (this.#jobs >= this.#jobsMax || this.#now() - this.#readAt > FRESH_MS) {
      this.#jobs = await this.#queue.waiting(this.#shard);
      this.#jobsRead = this.#jobs;
      this.#readAt = this.#now();
    }
    if (this.#jobs >= this.#jobsMax) throw new QueueFullError(`${String(this.#jobs)} jobs wait already`);
    this.#jobs += 1;
  }
}
