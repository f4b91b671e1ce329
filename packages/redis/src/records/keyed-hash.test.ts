import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyedHash } from "./keyed-hash.ts";

const KEY = Buffer.from("0001020304050607", "hex");

/** From github.com/veorq/SipHash, vectors.h: the hashes of messages of 0, 1, 2 … bytes 00 01 02 …, as little-endian bytes. */
const VECTORS = ["a9359f5b", "27475ab8", "fa62a603", "8afee704", "2a6e4689", "c5fab669", "5863fc23", "8bcf63c5"];

describe("KeyedHash", () => {
  it.each(VECTORS)("is HalfSipHash-2-4: %s", (expected) => {
    const length = VECTORS.indexOf(expected);
    const hash = Buffer.alloc(4);
    hash.writeUInt32LE(new KeyedHash(KEY).of(Buffer.from(Array.from({ length }, (_, i) => i))));
    expect(hash.toString("hex")).toBe(expected);
  });

  it("hashes a part of a buffer like a copy of that part", () => {
    const hash = new KeyedHash(KEY);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), (bytes, a, b) => {
        const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
        expect(hash.of(bytes, start, end)).toBe(hash.of(bytes.slice(start, end)));
      }),
    );
  });

  it("has another result for another key", () => {
    const keys = fc.uniqueArray(fc.uint8Array({ minLength: 8, maxLength: 8 }), {
      minLength: 2,
      maxLength: 2,
      selector: String,
    });
    fc.assert(
      fc.property(keys, (pair) => {
        const [a, b] = pair.map((key) => new KeyedHash(Buffer.from(key)));
        const texts = Array.from({ length: 8 }, (_, i) => Buffer.from([i]));
        expect(texts.map((text) => a?.of(text))).not.toEqual(texts.map((text) => b?.of(text)));
      }),
    );
  });
});
