import { randomBytes } from "node:crypto";
import { countsReply } from "@ticktally/schemas";
import fc from "fast-check";
import { afterAll, describe, expect, inject, it } from "vitest";
import { connect } from "../connection/connection.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { testConnection, testKeys } from "../testing.ts";
import { HashStrings } from "./hash-strings.ts";

const user = `test-${randomBytes(8).toString("hex")}`;
const redis = testConnection("worker");
defineScripts(redis);
const root = testKeys().instance("90001");
const key = `${root}${INSTANCE_KEYS.HOURS}7`;

afterAll(async () => {
  await redis.del(key);
  await redis.call("ACL", "DELUSER", user);
  redis.disconnect();
});

function stringsOf(packed: Buffer): readonly string[] {
  const [strings, found] = [new HashStrings(packed), [] as string[]];
  while (strings.next()) {
    const { isNumber, number, bytes, start, end } = strings;
    found.push(isNumber ? String(number) : bytes.toString("latin1", start, end));
  }
  return found;
}

async function read(connection = redis): Promise<readonly [before: Buffer, Buffer, after: Buffer]> {
  const [, hashes] = countsReply.parse(await connection.readCountsBuffer(root, INSTANCE_KEYS.HOURS, 6, 8));
  const [before, hash, after] = hashes;
  if (before === undefined || hash === undefined || after === undefined) throw new Error("three hashes were asked for");
  return [before, hash, after];
}

const text = (maxLength: number) =>
  fc.uint8Array({ minLength: 1, maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const value = fc.oneof(
  text(8),
  fc.maxSafeInteger().map(String),
  fc.integer({ min: -5000, max: 5000 }).map(String),
  // Long strings are not stored as a listpack, and repetitive ones are compressed.
  fc.tuple(text(8), fc.integer({ min: 1, max: 500 })).map(([part, times]) => part.repeat(times)),
);
const hashes = fc.oneof(
  fc.uniqueArray(fc.tuple(text(4), value), { selector: ([field]) => field, minLength: 1, maxLength: 60 }),
  fc.uniqueArray(fc.tuple(text(4), text(30)), { selector: ([field]) => field, minLength: 130, maxLength: 200 }),
);

describe("the strings of a hash", () => {
  it.each(["yes", "no"])("are read unchanged (rdbcompression %s)", async (compression) => {
    await redis.config("SET", "rdbcompression", compression);
    await fc.assert(
      fc.asyncProperty(hashes, async (pairs) => {
        await redis.del(key);
        await redis.hset(key, ...pairs.flat().map((string) => Buffer.from(string, "latin1")));
        const [before, hash, after] = await read();
        expect([before.length, after.length]).toEqual([0, 0]);
        const found = stringsOf(hash);
        expect(found).toHaveLength(2 * pairs.length);
        const byField = new Map(Array.from(pairs, (_, i) => [found[2 * i], found[2 * i + 1]]));
        expect(byField).toEqual(new Map(pairs));
      }),
    );
    await redis.config("SET", "rdbcompression", "yes");
  });

  it("are the same if DUMP is not permitted", async () => {
    await redis.del(key);
    await redis.hset(key, "a", "1", "b", "x".repeat(100));
    const [, dumped] = await read();
    const target = new URL(inject("redisUrl"));
    [target.username, target.password] = [user, "secret"];
    await redis.call("ACL", "SETUSER", user, "reset", "on", ">secret", "~*", "&*", "+@all", "-dump");
    const own = connect(
      { url: target.href, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 },
      "worker",
      (error) => {
        throw error;
      },
    );
    defineScripts(own);
    const [before, packed] = await read(own);
    own.disconnect();
    expect(packed).not.toEqual(dumped);
    expect(stringsOf(packed)).toEqual(stringsOf(dumped));
    expect(stringsOf(before)).toEqual([]);
  });

  it("are complete if a listpack has too many elements for its counter", async () => {
    await redis.del(key);
    await redis.hset(key, "a", "1", "b", "2");
    const [, hash] = await read();
    // After the type, the total length and the length of the listpack.
    expect(hash.readUInt16LE(6)).toBe(4);
    hash.writeUInt16LE(0xffff, 6);
    expect(stringsOf(hash)).toEqual(["a", "1", "b", "2"]);
  });

  it("are refused if a dump is cut off", async () => {
    for (const values of [["1"], ["x".repeat(100)]]) {
      await redis.del(key);
      await redis.hset(key, ...values.flatMap((one, i) => [`field ${String(i)}`, one]));
      const [, hash] = await read();
      expect(stringsOf(hash)).toHaveLength(2 * values.length);
      expect(() => stringsOf(hash.subarray(0, -1))).toThrow(RangeError);
    }
  });
});
