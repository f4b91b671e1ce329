import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { packedMembers } from "./packed-members.ts";
import { testConnection } from "./testing.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

const PACK = "return cmsgpack.pack(ARGV)";

describe("packedMembers", () => {
  it.each([0, 1, 15, 16, 31, 32, 255, 256, 1000, 70_000])("reads %i strings as Redis packs them", async (count) => {
    // More than some thousand arguments are too many for one call.
    const script = `local all = {} for i = 1, ${String(count)} do all[i] = "member" .. i end return cmsgpack.pack(all)`;
    const packed = await redis.callBuffer("EVAL", script, 0);
    const members = packedMembers(Buffer.isBuffer(packed) ? packed : Buffer.alloc(1));
    expect(members).toEqual(Array.from({ length: count }, (_, i) => `member${String(i + 1)}`));
  });

  it("reads any bytes of any length", async () => {
    const lengths = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(31, 32, 255, 256, 70_000));
    const bytes = fc.tuple(lengths, fc.integer({ min: 0, max: 255 })).map(([n, of]) => Buffer.alloc(n, of));
    const property = fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), async (strings) => {
      const packed = await redis.callBuffer("EVAL", PACK, 0, ...strings);
      const members = packedMembers(Buffer.isBuffer(packed) ? packed : Buffer.alloc(1));
      expect(members).toEqual(strings.map((string) => string.toString("latin1")));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("refuses what is none", () => {
    expect(() => packedMembers(Buffer.from([0xc0]))).toThrow();
    expect(() => packedMembers(Buffer.from([0x91, 0xc0]))).toThrow();
  });
});
