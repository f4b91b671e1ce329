import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyedHash } from "../records/keyed-hash.ts";
import { InstanceBasis } from "./instance-basis.ts";

/** Eight bytes as in META, one for each character. */
const key = fc.oneof(
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.constantFrom("00000001", "11111111", "1234567:", "\x00\x00\x00\x00\x00\x00\x001", "abcdefg0", "0:1:0:1:"),
);
/** The key prefix of an epoch, which is empty in the first one. */
const epoch = fc.oneof(
  fc.constant(""),
  fc.nat(1_000_000).map((n) => `${String(n)}:`),
);
/** The setting in META, which is empty before its first change. */
const setting = fc.constantFrom("", "0", "1");

describe("InstanceBasis", () => {
  it("reads the stored settings, for any bytes of the key and any epoch", () => {
    fc.assert(
      fc.property(key, epoch, setting, (bytes, number, ignoreGroups) => {
        const basis = new InstanceBasis(bytes + number + ignoreGroups, undefined);
        expect(basis.newEpoch).toBeUndefined();
        expect(basis.settings.ignoreGroupMessages).toBe(ignoreGroups === "1");
        expect(basis.hash.of(Buffer.from("x"))).toBe(new KeyedHash(Buffer.from(bytes, "latin1")).of(Buffer.from("x")));
        expect(basis.stored()).toBe(basis);
      }),
      { numRuns: 500 },
    );
  });

  it("creates an epoch for an instance without one, and keeps its first settings", () => {
    fc.assert(
      fc.property(key, setting, (bytes, ignoreGroups) => {
        const basis = new InstanceBasis(ignoreGroups, bytes);
        expect(basis.text).toBe(ignoreGroups);
        expect(basis.newEpoch).toBe(bytes);
        expect(basis.settings.ignoreGroupMessages).toBe(ignoreGroups === "1");
        const stored = basis.stored();
        expect(stored.text).toBe(bytes + ignoreGroups);
        expect(stored.newEpoch).toBeUndefined();
        expect(stored.settings).toEqual(basis.settings);
        expect(stored.hash.of(Buffer.from("x"))).toBe(basis.hash.of(Buffer.from("x")));
      }),
    );
  });

  it("creates a different key for each new instance", () => {
    const keys = Array.from({ length: 100 }, () => new InstanceBasis("", undefined).newEpoch);
    expect(new Set(keys).size).toBe(100);
    for (const one of keys) expect(one).toHaveLength(8);
  });
});
