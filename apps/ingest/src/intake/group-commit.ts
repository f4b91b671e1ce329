import type { Collecting, StoredBatch } from "./collecting.ts";

export interface GroupCommitOptions<Waiter> {
  /** Store lines; returns once they are safe. @param receivedAtMs receipt of the oldest @param waiters one per line */
  readonly store: (lines: readonly string[], receivedAtMs: number, waiters: readonly Waiter[]) => Promise<void>;
  /** Notify the waiters; `error` is `undefined` if their lines are safe. */
  readonly settle: (waiters: readonly Waiter[], error: unknown) => void;
  /** Maximum number of lines in a batch. */
  readonly batchMax: number;
  /** Maximum characters in a batch, except for a single longer line. */
  readonly batchCharsMax: number;
  /** How long lines collect after a batch before the next is stored; by default not at all. A full batch never waits. */
  readonly collecting?: (batch: StoredBatch) => Collecting;
}

/**
 * While one batch is being stored, arriving lines collect, and are stored together afterwards. An idle system stores a line at once, a busy
 * one stores hundreds in one round trip, and no timer delays them unless `collecting` asks for one.
 */
export class GroupCommit<Waiter> {
  readonly #options: GroupCommitOptions<Waiter>;
  #lines: string[] = [];
  /** Unix ms, one per line; not in order, because a long body is received before its lines are added. */
  #receipts: number[] = [];
  #chars = 0;
  #waiters: Waiter[] = [];
  #isStoring = false;
  #whenIdle: (() => void)[] = [];
  /** While lines collect: how many are enough, and the callback for that. */
  #enough = 0;
  #whenEnough: (() => void) | undefined;

  constructor(options: GroupCommitOptions<Waiter>) {
    this.#options = options;
  }

  add(line: string, receivedAtMs: number, waiter: Waiter): void {
    this.#lines.push(line);
    this.#receipts.push(receivedAtMs);
    this.#chars += line.length;
    this.#waiters.push(waiter);
    if (!this.#isStoring) void this.#drain();
    else if (this.#isEnough()) this.#whenEnough?.();
  }

  /** Lines that are not in a batch yet. */
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
    const [lines, receipts, waiters, count] = [this.#lines, this.#receipts, this.#waiters, this.#nextBatch()];
    this.#lines = lines.splice(count);
    this.#receipts = receipts.splice(count);
    this.#waiters = waiters.splice(count);
    try {
      await store(lines, receipts.reduce(earlier), waiters);
      settle(waiters, undefined);
    } catch (error) {
      settle(waiters, error);
    }
    return { lines: lines.length, tookMs: performance.now() - startedAt };
  }

  /** @returns how many lines the batch has; they no longer count as waiting */
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

function earlier(one: number, other: number): number {
  return Math.min(one, other);
}
