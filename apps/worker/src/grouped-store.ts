import type { InstanceEvent, InstanceEvents, InstanceId, MessageStore, Outcome } from "@ticktally/core";

interface Waiter {
  readonly batches: readonly InstanceEvents[];
  readonly done: (outcomes: readonly (readonly Outcome[])[]) => void;
  readonly fail: (error: unknown) => void;
}

/** Redis does nothing else during a call: some 20 ms for so many, which is as long as a sender should wait for that. */
const EVENTS_A_CALL_MAX = 1000;

/**
 * While one call is under way, the batches of other jobs collect and then go together, merged by instance: a busy worker
 * pays a call's and an instance's fixed cost once for several jobs, an idle one waits for nothing.
 */
export class GroupedStore implements MessageStore {
  readonly #store: MessageStore;
  #waiters: Waiter[] = [];
  #isCalling = false;

  constructor(store: MessageStore) {
    this.#store = store;
  }

  /** @throws what the store throws; then it is thrown to each of the jobs that went together */
  async apply(batches: readonly InstanceEvents[], now: number): Promise<readonly (readonly Outcome[])[]> {
    return new Promise((done, fail) => {
      this.#waiters.push({ batches, done, fail });
      if (!this.#isCalling) void this.#drain(now);
    });
  }

  async #drain(now: number): Promise<void> {
    this.#isCalling = true;
    while (this.#waiters.length > 0) await this.#callFor(this.#takeForOneCall(), now);
    this.#isCalling = false;
  }

  /** In the order in which they came; the first whatever its size. */
  #takeForOneCall(): readonly Waiter[] {
    let events = 0;
    const tooMuchFrom = this.#waiters.findIndex(({ batches }, i) => {
      for (const batch of batches) events += batch.events.length;
      return i > 0 && events > EVENTS_A_CALL_MAX;
    });
    return this.#waiters.splice(0, tooMuchFrom === -1 ? Infinity : tooMuchFrom);
  }

  async #callFor(waiters: readonly Waiter[], now: number): Promise<void> {
    const [only, another] = waiters;
    if (only !== undefined && another === undefined)
      return this.#store.apply(only.batches, now).then(only.done, only.fail);
    const merged = new Map<InstanceId, InstanceEvent[]>();
    const starts = waiters.map(({ batches }) =>
      batches.map(({ instance, events }) => {
        const together = merged.get(instance) ?? [];
        merged.set(instance, together);
        const start = together.length;
        together.push(...events);
        return start;
      }),
    );
    try {
      const order = [...merged.keys()];
      const outcomes = await this.#store.apply(
        order.map((instance) => ({ instance, events: merged.get(instance) ?? [] })),
        now,
      );
      const byInstance = new Map(order.map((instance, i) => [instance, outcomes[i] ?? []]));
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
