import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Takes long bodies one after the other, each in a turn of the event loop of its own. Reading one costs some ten milliseconds and several times
 * its size: all that arrive at once, read at once, would hold up every other sender and not fit a container.
 */
export class LongBodies {
  #last: Promise<void> = Promise.resolve();

  /** @returns once the task is done, and those before it; rejects as the task does */
  async next(task: () => Promise<void>): Promise<void> {
    const done = this.#last.then(nextTurn).then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
