import type { InstanceEvent, InstanceEvents, InstanceId, MessageStore, Outcome } from "@ticktally/core";

interface Waiter {
  readonly batches: readonly InstanceEvents[];
  readonly events: number;
  readonly done: (outcomes: readonly (readonly Outcome[])[]) => void;
  readonly fail: (error: unknown) => void;
}

/** Maximum events per call. They are in memory already, and the store passes them to Redis in smaller parts. */
const EVENTS_A_CALL_MAX = 2000;
/** Each call costs Redis and the worker the same again: for the call, for every instance in it, and for every message that has several events. */
const CALL_EVERY_MS = 100;
/** A second concurrent call is only worth it from this size; otherwise it is cheaper to wait for more events. */
const EVENTS_BESIDE_MIN = 250;
const CALLS_MAX = 2;

/**
 * The batches of jobs that arrive within {@link CALL_EVERY_MS} are applied together, merged by instance. Senders do not wait for that:
 * their webhooks are acknowledged once they are queued. A call that comes later than that after the previous one does not wait, so an idle
 * worker counts at once. Under load a second call begins before the first is done, so the worker decides on one while Redis commits the
 * other.
 */
export class GroupedStore implements MessageStore {
  readonly #store: MessageStore;
  readonly #jobsMax: number;
  #waiters: Waiter[] = [];
  #events = 0;
  #calls = 0;
  /** Monotonic, ms */
  #lastCallAt = -Infinity;
  #isPaused = false;

  /** @param jobsMax so many jobs are in progress at most: once all of them wait, no other can join them */
  constructor(store: MessageStore, jobsMax: number) {
    this.#store = store;
    this.#jobsMax = jobsMax;
  }

  /** @throws what the store throws, to each of the jobs that were applied together */
  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    return new Promise((done, fail) => {
      const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
      this.#waiters.push({ batches, events, done, fail });
      this.#events += events;
      this.#callNext();
    });
  }

  #callNext(): void {
    while (this.#waiters.length > 0 && this.#calls < CALLS_MAX) {
      if (this.#calls > 0 && this.#events < EVENTS_BESIDE_MIN) return;
      const pauseMs = this.#pauseMs();
      if (pauseMs > 0) {
        this.#pause(pauseMs);
        return;
      }
      this.#lastCallAt = performance.now();
      this.#calls += 1;
      void this.#callFor(this.#takeForOneCall()).finally(() => {
        this.#calls -= 1;
        this.#callNext();
      });
    }
  }

  /** @returns how long to wait for more before the next call */
  #pauseMs(): number {
    if (this.#events >= EVENTS_A_CALL_MAX || this.#waiters.length >= this.#jobsMax) return 0;
    return this.#lastCallAt + CALL_EVERY_MS - performance.now();
  }

  #pause(pauseMs: number): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    setTimeout(() => {
      this.#isPaused = false;
      this.#callNext();
    }, pauseMs);
  }

  /** In order of arrival; the first one whatever its size. */
  #takeForOneCall(): readonly Waiter[] {
    let taken = 0;
    const tooMuchFrom = this.#waiters.findIndex(({ events }, i) => {
      if (i > 0 && taken + events > EVENTS_A_CALL_MAX) return true;
      taken += events;
      return false;
    });
    this.#events -= taken;
    return this.#waiters.splice(0, tooMuchFrom === -1 ? Infinity : tooMuchFrom);
  }

  /** Never rejects: each waiter gets its own result. */
  async #callFor(waiters: readonly Waiter[]): Promise<void> {
    const [only, another] = waiters;
    if (only !== undefined && another === undefined) return this.#store.apply(only.batches).then(only.done, only.fail);
    const merged = new Map<InstanceId, InstanceEvent[]>();
    const starts = waiters.map(({ batches }) =>
      batches.map(({ instance, events }) => {
        const together = merged.get(instance) ?? [];
        merged.set(instance, together);
        const start = together.length;
        for (const event of events) together.push(event);
        return start;
      }),
    );
    try {
      const order = [...merged].map(([instance, events]) => ({ instance, events }));
      const outcomes = await this.#store.apply(order);
      const byInstance = new Map(order.map(({ instance }, i) => [instance, outcomes[i] ?? []]));
      waiters.forEach(({ batches, done }, w) => {
        const own = batches.map(({ instance, events }, b) => {
          const start = starts[w]?.[b] ?? 0;
          return (byInstance.get(instance) ?? []).slice(start, start + events.length);
        });
        done(own);
      });
    } catch (error) {
      for (const { fail } of waiters) fail(error);
    }
  }
}
