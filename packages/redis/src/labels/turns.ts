/** Runs tasks of the same name one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const end = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(name) === end) this.#last.delete(name);
      });
    this.#last.set(name, end);
    return turn;
  }
}
