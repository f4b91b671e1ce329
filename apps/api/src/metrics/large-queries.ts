import { ApiError } from "../http/api-error.ts";

const WAITING_MAX = 8;

/** Runs one large query at a time, so several together do not block the process and Redis for all others. */
export class LargeQueries {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Run it alone: now, or after earlier ones. @throws {ApiError} unavailable if too many wait */
  async run<Result>(query: () => Promise<Result>): Promise<Result> {
    if (this.#isRunning) {
      if (this.#waiting.length >= WAITING_MAX)
        throw new ApiError(
          "unavailable",
          "Too many large queries are waiting; try again later, or ask for fewer instances or a shorter period.",
        );
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#isRunning = true;
    try {
      return await query();
    } finally {
      // Passed on directly, so no other query can begin in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#isRunning = false;
      else next();
    }
  }
}
