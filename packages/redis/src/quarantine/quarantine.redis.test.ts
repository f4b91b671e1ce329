import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { QuarantineEntry } from "@ticktally/schemas";
import { RedisQuarantine } from "./quarantine.ts";
import { connected, testConnection, testKeys } from "../testing.ts";

const [one, other] = [testConnection("reader"), testConnection("reader")];

beforeAll(async () => {
  await connected(one, other);
});
afterAll(() => {
  for (const redis of [one, other]) redis.disconnect();
});

const MUCH = 1024 ** 3;
/** Shortens texts as an app does, except that an app keeps the counted fields of long ones. */
const beginning = ({ text }: QuarantineEntry, bytesMax: number) =>
  text.length <= bytesMax ? text : JSON.stringify([text.slice(0, bytesMax / 2)]);

function entry(number: number, more: Partial<QuarantineEntry> = {}): QuarantineEntry {
  const id = `e${String(number)}`;
  return { id, reason: "no_type", detail: "it has no type", receivedAtMs: number, text: "{}", ...more };
}

const entries = (count: number, first: number, more: Partial<QuarantineEntry> = {}) =>
  Array.from({ length: count }, (_, i) => entry(first + i, more));

describe("entries beyond a limit", () => {
  it("are dropped, and no others, if two writers fill the quarantine at once", async () => {
    const keys = testKeys();
    const quarantines = [
      new RedisQuarantine(one, keys, beginning),
      new RedisQuarantine(other, keys, beginning),
    ] as const;
    let put = 0;
    let dropped = 0;
    for (let round = 0; round < 100; round += 1) {
      const puts = Array.from({ length: 8 }, async (_, i) =>
        quarantines[i % 2 === 0 ? 0 : 1].put([entry((put += 1))], { entriesMax: 40, bytesMax: MUCH }),
      );
      for (const count of await Promise.all(puts)) dropped += count;
      expect(await quarantines[0].size()).toBe(Math.min(put, 10));
    }
    expect(dropped).toBe(put - 10);
    const { entries: kept } = await quarantines[0].list({}, 100);
    expect(kept.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => `e${String(put - i)}`));
  });

  it("are dropped at once, for any number", async () => {
    const quarantine = new RedisQuarantine(one, testKeys(), beginning);
    await quarantine.put(entries(2_500, 0));
    expect(await quarantine.put([entry(2_500)], { entriesMax: 160, bytesMax: MUCH })).toBe(2_461);
    expect(await quarantine.size()).toBe(40);
  });

  it("are reported by instance, those with most bytes first, up to a limit", async () => {
    const quarantine = new RedisQuarantine(one, testKeys(), beginning);
    expect([await quarantine.bytes(), await quarantine.largestShares(3)]).toEqual([0, []]);
    await quarantine.put(entries(2, 0, { instance: "1" }));
    await quarantine.put(entries(5, 10));
    await quarantine.put(entries(3, 20, { instance: "2" }));
    const shares = await quarantine.largestShares(3);
    expect(shares.map(({ instance, entries: count }) => [instance, count])).toEqual([
      ["", 5],
      ["2", 3],
      ["1", 2],
    ]);
    expect(shares.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(await quarantine.bytes());
    expect(await quarantine.largestShares(1)).toEqual(shares.slice(0, 1));
    await quarantine.remove(await quarantine.ids({ instance: "2" }));
    expect((await quarantine.largestShares(3)).map(({ instance }) => instance)).toEqual(["", "1"]);
  });

  it("of an instance replace only entries of the same instance", async () => {
    const quarantine = new RedisQuarantine(one, testKeys(), beginning);
    const bounds = { entriesMax: 100, bytesMax: MUCH };
    await quarantine.put(entries(5, 0, { instance: "1" }), bounds);
    await quarantine.put(entries(5, 10), bounds);
    expect(await quarantine.put(entries(500, 1_000, { instance: "2" }), bounds)).toBe(475);
    expect(await quarantine.put(entries(500, 2_000), bounds)).toBe(480);
    expect((await quarantine.list({ instance: "1" }, 100)).entries).toHaveLength(5);
    expect((await quarantine.list({ instance: "2" }, 100)).entries).toHaveLength(25);
  });

  it("of all instances together are dropped from the instance with most", async () => {
    const quarantine = new RedisQuarantine(one, testKeys(), beginning);
    const bounds = { entriesMax: 100, bytesMax: MUCH };
    await quarantine.put(entries(3, 0, { instance: "quiet" }), bounds);
    for (let i = 1; i <= 30; i += 1) await quarantine.put(entries(50, i * 1_000, { instance: String(i) }), bounds);
    expect(await quarantine.size()).toBe(100);
    expect((await quarantine.list({ instance: "quiet" }, 100)).entries).toHaveLength(3);
  });

  it("are also limited in bytes, for an instance and for all", async () => {
    const keys = testKeys();
    const quarantine = new RedisQuarantine(one, keys, beginning);
    const bounds = { entriesMax: 1_000_000, bytesMax: 100_000 };
    const text = JSON.stringify("x".repeat(900));
    for (let i = 0; i < 20; i += 1) {
      await quarantine.put(entries(50, i * 1_000, { instance: String(i), text }), bounds);
      const { entries: own } = await quarantine.list({ instance: String(i) }, 100);
      expect(JSON.stringify(own).length).toBeLessThan(25_500);
      expect(own.length).toBeGreaterThan(3);
    }
    const stored = await one.hvals(keys.quarantine);
    const bytes = stored.reduce((sum, value) => sum + value.length, 0);
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(bytes).toBeGreaterThan(95_000);
    expect(await one.get(keys.quarantineBytes)).toBe(String(bytes));
  });
});

describe("an entry", () => {
  it("is cut to a few kB of JSON", async () => {
    const keys = testKeys();
    const quarantine = new RedisQuarantine(one, keys, beginning);
    await quarantine.put([entry(1, { text: `[${"1,".repeat(2_600_000)}1]`, detail: "d".repeat(10_000) })]);
    expect(await one.hstrlen(keys.quarantine, "e1")).toBeLessThan(10_000);
    const [kept] = await quarantine.entries(["e1"]);
    expect(JSON.parse(kept?.text ?? "")).toHaveLength(1);
  });

  it("that was added twice exists once, and leaves nothing when it is removed", async () => {
    const keys = testKeys();
    const quarantine = new RedisQuarantine(one, keys, beginning);
    const some = [...entries(3, 0, { instance: "1" }), ...entries(2, 10)];
    for (let i = 0; i < 2; i += 1) await quarantine.put(some, { entriesMax: 1_000, bytesMax: MUCH });
    expect(await quarantine.size()).toBe(5);
    expect(await quarantine.remove(["e0", "e0", "e1", "nothing"])).toBe(2);
    expect(await quarantine.remove(await quarantine.ids({}))).toBe(3);
    expect(await one.get(keys.quarantineBytes)).toBe("0");
    const left = [keys.quarantine, keys.quarantineOrder, keys.quarantineTags, keys.quarantineShares];
    expect(await one.exists(...left, `${keys.quarantineOwn}1`, keys.quarantineOwn)).toBe(0);
  });
});

describe("a list", () => {
  it("reads only the entries that it shows, for every filter", async () => {
    const keys = testKeys();
    const quarantine = new RedisQuarantine(one, keys, beginning);
    await quarantine.put([...entries(800, 0, { instance: "1" }), entry(5_000, { reason: "unreadable" })]);
    const reads = vi.spyOn(one, "hmget");
    onTestFinished(() => reads.mockRestore());
    const read = () =>
      reads.mock.calls.filter(([key]) => key === keys.quarantine).reduce((sum, [, ...ids]) => sum + ids.length, 0);
    expect((await quarantine.list({}, 1)).entries).toHaveLength(1);
    expect(read()).toBe(1);
    expect((await quarantine.list({ reason: "no_type" }, 2)).entries.map(({ id }) => id)).toEqual(["e799", "e798"]);
    expect(read()).toBe(3);
    expect((await quarantine.list({ reason: "unreadable" }, 2)).entries.map(({ id }) => id)).toEqual(["e5000"]);
    expect(read()).toBe(4);
  });

  it("returns all entries page by page, by instance and reason", async () => {
    const quarantine = new RedisQuarantine(one, testKeys(), beginning);
    for (let i = 0; i < 60; i += 1)
      await quarantine.put([entry(i, { instance: String(i % 3), reason: i % 2 === 0 ? "no_type" : "unreadable" })]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await quarantine.list({ instance: "1", reason: "no_type" }, 3, cursor);
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `e${String(58 - 6 * i)}`));
    expect(await quarantine.ids({ instance: "1", reason: "no_type" })).toHaveLength(10);
  });
});

it("includes entries of version 0.1, with the limits and by instance", async () => {
  const keys = testKeys();
  const quarantine = new RedisQuarantine(one, keys, beginning);
  for (const old of entries(30, 0, { instance: "1", text: JSON.stringify({ list: "x".repeat(200_000).split("") }) })) {
    await one.hset(keys.quarantine, old.id, JSON.stringify(old));
    await one.zadd(keys.quarantineOrder, old.receivedAtMs, old.id);
  }
  await quarantine.put([entry(50, { instance: "1" })]);
  expect((await quarantine.list({ instance: "1" }, 100)).entries).toHaveLength(31);
  expect(Number(await one.get(keys.quarantineBytes))).toBeLessThan(300_000);
  expect(await quarantine.mentioning("1", ["x"])).toHaveLength(30);
  expect(await quarantine.put([entry(51, { instance: "1" })], { entriesMax: 40, bytesMax: MUCH })).toBe(22);
});

describe("the ids of all entries", () => {
  it("are read in pieces, and none is missed where others are removed meanwhile", async () => {
    const redis = testConnection("reader");
    onTestFinished(() => {
      redis.disconnect();
    });
    await connected(redis);
    const [keys, ranges] = [testKeys(), vi.spyOn(redis, "zrange")];
    const [reader, writer] = [redis, one].map((by) => new RedisQuarantine(by, keys, beginning));
    const all = [...entries(450, 1_000), ...entries(1_000, 2_000).map((same) => ({ ...same, receivedAtMs: 2_000 }))];
    await writer?.put(all);
    const gone = entries(499, 1_000).map(({ id }) => id);
    const rank = redis.zrank.bind(redis);
    Object.assign(redis, {
      zrank: async (key: string, id: string) => {
        await writer?.remove([...gone, id]);
        gone.push(id);
        return rank(key, id);
      },
    });
    const found = (await reader?.ids({})) ?? [];
    expect(new Set(found).size).toBe(found.length);
    expect(found.toSorted()).toEqual(all.map(({ id }) => id));
    for (const [, from, till] of ranges.mock.calls) expect(Number(till) - Number(from)).toBeLessThan(500);
    expect(ranges.mock.calls.length).toBeGreaterThan(2);
  });
});
