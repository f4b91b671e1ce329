import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Processes long bodies one after the other, each in its own turn of the event loop. Parsing one takes about ten milliseconds and several
 * times its size in memory: many at once would delay all other senders and exceed the container's memory.
 */
export class LongBodies {
  #last: Promise<void> = Promise.resolve();

  /** Resolves once the task and all earlier ones are done; rejects if the task does. */
  async next(task: () => Promise<void>): Promise<void> {
    const done = this.#last.then(nextTurn).then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
