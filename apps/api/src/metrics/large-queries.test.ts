import { describe, expect, it } from "vitest";
import { ApiError } from "../http/api-error.ts";
import { LargeQueries } from "./large-queries.ts";

/** A query that ends when the test ends it. */
class Held {
  hasBegun = false;
  #end: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  readonly run = async (): Promise<void> => {
    this.hasBegun = true;
    await this.#ended;
  };

  end(): void {
    this.#end();
  }
}

function held(count: number): readonly Held[] {
  return Array.from({ length: count }, () => new Held());
}

describe("large queries", () => {
  it("run one at a time, in the order of arrival", async () => {
    const queries = new LargeQueries();
    const all = held(4);
    const runs = all.map(async ({ run }) => queries.run(run));
    for (const [place, one] of all.entries()) {
      expect(all.map(({ hasBegun }) => hasBegun)).toEqual(all.map((_, other) => other <= place));
      one.end();
      await runs[place];
    }
  });

  it("wait, at most eight; a further one is refused until one has run", async () => {
    const queries = new LargeQueries();
    const all = held(9);
    const runs = all.map(async ({ run }) => queries.run(run));
    const refused = await queries.run(async () => Promise.resolve()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ code: "unavailable" });
    all[0]?.end();
    await runs[0];
    const late = queries.run(async () => Promise.resolve("ran"));
    for (const one of all) one.end();
    expect(await late).toBe("ran");
    await Promise.all(runs);
  });

  it("continue after a failed one", async () => {
    const queries = new LargeQueries();
    const failed = queries.run(async () => Promise.reject(new Error("Redis is away")));
    const next = queries.run(async () => Promise.resolve("ran"));
    await expect(failed).rejects.toThrow("Redis is away");
    expect(await next).toBe("ran");
  });
});
