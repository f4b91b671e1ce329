import { ApiError } from "../http/api-error.ts";

const WAITING_MAX = 8;

/** One large query at a time, so that several together do not take the process and Redis from all others. */
export class LargeQueries {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Run it alone: now, or after those that came before. @throws {ApiError} unavailable: too many wait */
  async run<Result>(query: () => Promise<Result>): Promise<Result> {
    if (this.#isRunning) {
      if (this.#waiting.length >= WAITING_MAX)
        throw new ApiError(
          "unavailable",
          "Several large queries wait already; try again later, or ask for less at once.",
        );
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#isRunning = true;
    try {
      return await query();
    } finally {
      // Handed over without a gap in which another could begin.
      const next = this.#waiting.shift();
      if (next === undefined) this.#isRunning = false;
      else next();
    }
  }
}
