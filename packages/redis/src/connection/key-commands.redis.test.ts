import { createHash } from "node:crypto";
import { StoreUnavailableError } from "@ticktally/core";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { changeKeys, inEpoch, KeyMemory, readKeys } from "./key-commands.ts";
import { defineScripts } from "../scripts.ts";
import { testConnection, testKeys } from "../testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
defineScripts(redis);
afterAll(() => {
  redis.disconnect();
});

let root = "";
beforeEach(() => {
  root = keys.instance(crypto.randomUUID());
});

const hashed = (all: unknown): unknown =>
  Array.isArray(all)
    ? all.map((one: unknown) => (Buffer.isBuffer(one) ? createHash("sha1").update(one).digest("hex") : one))
    : all;

describe("readKeys", () => {
  it("returns the reply of each command, and distinguishes a missing value from an empty one", async () => {
    await redis.hset(`${root}h`, { a: "1", b: "" });
    await redis.zadd(`${root}z`, -5, "m");
    const answers = await readKeys(redis, root, [
      ["HMGET", `${root}h`, "a", "b", "c"],
      ["HLEN", `${root}h`],
      ["HGETALL", `${root}none`],
      ["TYPE", `${root}z`],
      ["PTTL", `${root}z`],
      ["GET", `${root}none`],
    ]);
    const [a, empty] = [Buffer.from("1"), Buffer.alloc(0)];
    expect(answers).toEqual([[a, empty, false], 2, [], Buffer.from("zset"), -1, false]);
  });

  it("finds the keys of the instance's epoch", async () => {
    await redis.hset(`${root}meta`, "epoch", "8bytekey7:");
    await redis.set(`${root}7:a`, "present");
    await redis.set(`${root}a`, "forgotten");
    expect(await readKeys(redis, root, [["GET", inEpoch("a")]])).toEqual([Buffer.from("present")]);
  });

  it.each([0, 1, 15, 16, 127, 128, 255, 256, 1000, 70_000])(
    "reads lists of %i elements, and their length",
    async (count) => {
      const all = Array.from({ length: count }, (_, i) => `element${String(i)}`);
      for (let from = 0; from < count; from += 10_000) await redis.rpush(`${root}l`, ...all.slice(from, from + 10_000));
      const [read, length] = await readKeys(redis, root, [
        ["LRANGE", `${root}l`, 0, -1],
        ["LLEN", `${root}l`],
      ]);
      expect(hashed(read)).toEqual(hashed(all.map((element) => Buffer.from(element))));
      expect(length).toBe(count);
    },
  );

  it("reads any bytes of any length", async () => {
    const lengths = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(31, 32, 255, 256, 70_000));
    const bytes = fc.tuple(lengths, fc.integer({ min: 0, max: 255 })).map(([n, of]) => Buffer.alloc(n, of));
    const property = fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), async (values) => {
      await redis.del(`${root}l`);
      await redis.rpush(`${root}l`, ...values);
      const [read] = await readKeys(redis, root, [["LRANGE", `${root}l`, 0, -1]]);
      // Comparing byte by byte would take seconds.
      expect(hashed(read)).toEqual(hashed(values));
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

describe("changeKeys", () => {
  it("loses no concurrent changes", async () => {
    const add = async () =>
      changeKeys(redis, root, [["GET", `${root}n`]], ([n]) => ({
        commands: [["SET", `${root}n`, String(Number(n === false ? 0 : n) + 1)]],
        outcome: undefined,
      }));
    await Promise.all(Array.from({ length: 30 }, add));
    expect(await redis.get(`${root}n`)).toBe("30");
  });

  it("writes nothing based on outdated values, and gives up after some attempts", async () => {
    const moving = changeKeys(redis, root, [["INCRBY", `${root}reads`, 1]], () => ({
      commands: [["SET", `${root}n`, "1"]],
      outcome: undefined,
    }));
    await expect(moving).rejects.toThrow(StoreUnavailableError);
    expect(await redis.exists(`${root}n`)).toBe(0);
  });

  it("uses cached values, and reads them again if they are outdated", async () => {
    const memory = new KeyMemory();
    const seen: string[] = [];
    const written: unknown[] = [];
    const append = async (text: string) =>
      changeKeys(
        redis,
        root,
        [["GET", `${root}mode`]],
        ([mode]) => {
          seen.push(String(mode));
          const commands = String(mode) === "off" ? [] : ([["RPUSH", `${root}l`, text]] as const);
          return { commands, outcome: String(mode), onWritten: (answers) => written.push(...answers) };
        },
        { memory },
      );
    expect([await append("a"), await append("b")]).toEqual(["false", "false"]);
    await redis.set(`${root}mode`, "on");
    expect(await append("c")).toBe("on");
    await redis.set(`${root}mode`, "off");
    expect(await append("d")).toBe("off");
    // The cached value does not allow the change, but is outdated.
    await redis.set(`${root}mode`, "on");
    expect(await append("e")).toBe("on");
    expect(seen).toEqual(["false", "false", "false", "on", "on", "off", "off", "on"]);
    expect(written).toEqual([1, 2, 3, 4]);
    expect(await redis.lrange(`${root}l`, 0, -1)).toEqual(["a", "b", "c", "e"]);
  });
});
