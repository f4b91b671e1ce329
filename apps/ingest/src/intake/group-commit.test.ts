import { describe, expect, it } from "vitest";
import { GroupCommit } from "./group-commit.ts";

function setup(batchMax = 100, batchCharsMax = 1000) {
  const batches: { lines: readonly string[]; receivedAtMs: number; finish: (error?: Error) => void }[] = [];
  const settled: { waiters: readonly string[]; error: unknown }[] = [];
  const commit = new GroupCommit<string>({
    batchMax,
    batchCharsMax,
    store: async (lines, receivedAtMs) =>
      new Promise((resolve, reject) => {
        const finish = (error?: Error) => {
          if (error) reject(error);
          else resolve();
        };
        batches.push({ lines, receivedAtMs, finish });
      }),
    settle: (waiters, error) => settled.push({ waiters, error }),
  });
  return { batches, settled, commit };
}

const turn = async () => new Promise((resolve) => setImmediate(resolve));

/** Collects without a time limit, up to a number of lines; records what it stores. */
function collectingFor({ batchMax, lines }: { batchMax: number; lines: number }) {
  const batches: (readonly string[])[] = [];
  const commit = new GroupCommit<string>({
    batchMax,
    batchCharsMax: 10,
    collecting: () => ({ ms: 2 ** 30, lines }),
    store: async (stored) => {
      batches.push(stored);
      return Promise.resolve();
    },
    settle: () => undefined,
  });
  return { commit, batches };
}

describe("GroupCommit", () => {
  it("stores the first line at once, and the lines that arrive meanwhile together", async () => {
    const { batches, commit } = setup();
    commit.add("a", 1, "A");
    commit.add("b", 2, "B");
    commit.add("c", 3, "C");
    expect(batches.map((batch) => batch.lines)).toEqual([["a"]]);
    batches[0]?.finish();
    await turn();
    expect(batches.map((batch) => batch.lines)).toEqual([["a"], ["b", "c"]]);
    expect(batches[1]?.receivedAtMs).toBe(2);
  });

  it("stores each batch with the receipt of its oldest line, which need not be the first", async () => {
    const { batches, commit } = setup(2);
    for (const receivedAtMs of [9, 5, 3, 8, 7]) commit.add("a", receivedAtMs, "A");
    for (let i = 0; i < 3; i++) {
      batches[i]?.finish();
      await turn();
    }
    expect(batches.map(({ receivedAtMs }) => receivedAtMs)).toEqual([9, 3, 7]);
  });

  it("collects lines before the next batch on request, and then stores a line at once again", async () => {
    let ms = 20;
    const batches: (readonly string[])[] = [];
    const commit = new GroupCommit<string>({
      batchMax: 100,
      batchCharsMax: 1000,
      collecting: () => ({ ms, lines: 100 }),
      store: async (lines) => {
        batches.push(lines);
        return Promise.resolve();
      },
      settle: () => undefined,
    });
    commit.add("a", 1, "A");
    await turn();
    for (const line of ["b", "c", "d"]) {
      commit.add(line, 1, line);
      await turn();
    }
    expect(batches).toEqual([["a"]]);
    ms = 0;
    await commit.idle();
    expect(batches).toEqual([["a"], ["b", "c", "d"]]);
    commit.add("e", 1, "E");
    expect(batches.at(-1)).toEqual(["e"]);
  });

  it("stores a full batch at once, whatever the time for collecting", async () => {
    const { commit, batches } = collectingFor({ batchMax: 2, lines: 100 });
    for (const line of ["a", "b", "c"]) commit.add(line, 1, line);
    await turn();
    expect(batches).toEqual([["a"], ["b", "c"]]);
  });

  it("stops collecting when there are enough lines", async () => {
    const { commit, batches } = collectingFor({ batchMax: 100, lines: 2 });
    commit.add("a", 1, "A");
    await turn();
    commit.add("b", 1, "B");
    await turn();
    expect(batches).toEqual([["a"]]);
    commit.add("c", 1, "C");
    await turn();
    expect(batches).toEqual([["a"], ["b", "c"]]);
  });

  it("returns the number of lines that wait for the current batch", async () => {
    const { batches, commit } = setup(2);
    for (const line of ["a", "b", "c", "d"]) commit.add(line, 1, line);
    expect(commit.waiting).toBe(3);
    batches[0]?.finish();
    await turn();
    expect(commit.waiting).toBe(1);
  });

  it("answers no sender before its own batch is stored", async () => {
    const { batches, settled, commit } = setup();
    commit.add("a", 1, "A");
    commit.add("b", 2, "B");
    expect(settled).toEqual([]);
    batches[0]?.finish();
    await turn();
    expect(settled).toEqual([{ waiters: ["A"], error: undefined }]);
  });

  it("refuses only the failed batch, and continues", async () => {
    const { batches, settled, commit } = setup();
    const error = new Error("no Redis");
    commit.add("a", 1, "A");
    commit.add("b", 2, "B");
    batches[0]?.finish(error);
    await turn();
    batches[1]?.finish();
    await commit.idle();
    expect(settled).toEqual([
      { waiters: ["A"], error },
      { waiters: ["B"], error: undefined },
    ]);
  });

  it("limits the number of lines in a batch, and keeps the order", async () => {
    const { batches, commit } = setup(2);
    for (const line of ["a", "b", "c", "d"]) commit.add(line, 1, line);
    for (let i = 0; i < 3; i++) {
      batches[i]?.finish();
      await turn();
    }
    expect(batches.map((batch) => batch.lines)).toEqual([["a"], ["b", "c"], ["d"]]);
  });

  it("limits the characters in a batch, and keeps the order; a longer line is stored alone", async () => {
    const { batches, commit } = setup(3, 10);
    const lines = ["a", "bbbbbb", "cccc", "d", "e".repeat(20), "f", "g", "h", "i"];
    for (const line of lines) commit.add(line, 1, line);
    for (let i = 0; i < 6; i++) {
      batches[i]?.finish();
      await turn();
    }
    expect(batches.map((batch) => batch.lines.join(" "))).toEqual([
      "a",
      "bbbbbb cccc",
      "d",
      "e".repeat(20),
      "f g h",
      "i",
    ]);
  });

  it("stops collecting when the lines are long enough", async () => {
    const { commit, batches } = collectingFor({ batchMax: 100, lines: 100 });
    commit.add("a", 1, "A");
    await turn();
    commit.add("b".repeat(10), 1, "B");
    await turn();
    expect(batches).toEqual([["a"], ["b".repeat(10)]]);
  });
});
