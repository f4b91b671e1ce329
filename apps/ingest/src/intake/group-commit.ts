import type { Collecting, StoredBatch } from "./collecting.ts";

export interface GroupCommitOptions<Waiter> {
  /** Store lines; returns once they are safe. @param receivedAtMs receipt of the oldest @param waiters one a line */
  readonly store: (lines: readonly string[], receivedAtMs: number, waiters: readonly Waiter[]) => Promise<void>;
  /** Tell those who wait; `error` is `undefined` when their lines are safe. */
  readonly settle: (waiters: readonly Waiter[], error: unknown) => void;
  /** Lines in one batch at most. */
  readonly batchMax: number;
  /** Characters of their lines at most, but for a single longer line. */
  readonly batchCharsMax: number;
  /** How long lines collect after a batch before the next is stored; without it not at all. A full batch never waits. */
  readonly collecting?: (batch: StoredBatch) => Collecting;
}

/**
 * While one batch is being stored, arriving lines collect; when it is stored they go out together. An idle system stores a
 * line at once, a busy one hundreds in one round trip, and no timer adds to that, unless `collecting` asks for one.
 */
export class GroupCommit<Waiter> {
  readonly #options: GroupCommitOptions<Waiter>;
  #lines: string[] = [];
  #chars = 0;
  #waiters: Waiter[] = [];
  #receivedAtMs = 0;
  #isStoring = false;
  #whenIdle: (() => void)[] = [];
  /** While lines collect: how many are enough, and what to do then. */
  #enough = 0;
  #whenEnough: (() => void) | undefined;

  constructor(options: GroupCommitOptions<Waiter>) {
    this.#options = options;
  }

  add(line: string, receivedAtMs: number, waiter: Waiter): void {
    if (this.#lines.length === 0) this.#receivedAtMs = receivedAtMs;
    this.#lines.push(line);
    this.#chars += line.length;
    this.#waiters.push(waiter);
    if (!this.#isStoring) void this.#drain();
    else if (this.#isEnough()) this.#whenEnough?.();
  }

  /** Lines that are in no batch yet. */
  get waiting(): number {
    return this.#lines.length;
  }

  /** Resolves when nothing waits to be stored. */
  async idle(): Promise<void> {
    if (!this.#isStoring) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async #drain(): Promise<void> {
    this.#isStoring = true;
    while (this.#lines.length > 0) {
      const batch = await this.#storeNext();
      await this.#collect(this.#options.collecting?.(batch));
    }
    this.#isStoring = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  async #collect({ ms, lines }: Collecting = { ms: 0, lines: 0 }): Promise<void> {
    this.#enough = Math.min(lines, this.#options.batchMax);
    if (ms <= 0 || this.#isEnough()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#whenEnough = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#whenEnough = undefined;
  }

  #isEnough(): boolean {
    return this.#lines.length >= this.#enough || this.#chars >= this.#options.batchCharsMax;
  }

  async #storeNext(): Promise<StoredBatch> {
    const startedAt = performance.now();
    const { store, settle } = this.#options;
    const [lines, waiters, count] = [this.#lines, this.#waiters, this.#nextBatch()];
    // The rest keeps the older receipt, which can only make "counted up to" more careful.
    this.#lines = lines.splice(count);
    this.#waiters = waiters.splice(count);
    try {
      await store(lines, this.#receivedAtMs, waiters);
      settle(waiters, undefined);
    } catch (error) {
      settle(waiters, error);
    }
    return { lines: lines.length, tookMs: performance.now() - startedAt };
  }

  /** @returns how many lines it has; they no longer count as waiting */
  #nextBatch(): number {
    const { batchMax, batchCharsMax } = this.#options;
    const linesMax = Math.min(this.#lines.length, batchMax);
    if (linesMax === this.#lines.length && this.#chars <= batchCharsMax) {
      this.#chars = 0;
      return linesMax;
    }
    let [count, chars] = [0, 0];
    for (const { length } of this.#lines) {
      if (count === linesMax || (count > 0 && chars + length > batchCharsMax)) break;
      count += 1;
      chars += length;
    }
    this.#chars -= chars;
    return count;
  }
}
