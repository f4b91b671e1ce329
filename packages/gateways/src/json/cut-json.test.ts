import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutJson } from "./cut-json.ts";

const bytesOf = (text: string) => Buffer.byteLength(text);

describe("cutJson", () => {
  it("does not change a short text", () => {
    for (const text of ["", "{", ' {"a": 1} ', "x".repeat(100)]) expect(cutJson(text, 100)).toBe(text);
  });

  it.each([
    ["numbers", "[" + "1,".repeat(2_000_000) + "1]"],
    ["nested arrays", "[".repeat(200_000) + "]".repeat(200_000)],
    ["nested objects", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
    [
      "an id beyond 2^53 beside deep nesting",
      `{"instanceData":{"idInstance":18446744073709551615},"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    ],
    ["one text", JSON.stringify("\u0000".repeat(100_000))],
    ["one name", JSON.stringify({ ["n".repeat(100_000)]: 1 })],
    ["no JSON", "{".repeat(100_000)],
    ["a name of an object property", `{"__proto__":{"a":1},"x":"${"y".repeat(10_000)}"}`],
  ])("shortens %s to a few kB of JSON, quickly", (_, text) => {
    const startedAt = performance.now();
    const cut = cutJson(text, 4096);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(bytesOf(cut)).toBeLessThanOrEqual(4096);
    expect(() => JSON.parse(cut) as unknown).not.toThrow();
  });

  it("keeps the size limit for any JSON", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6, stringUnit: "binary" }),
        fc.integer({ min: 4, max: 300 }),
        (text, bytesMax) => {
          const cut = cutJson(text, bytesMax);
          expect(bytesOf(cut)).toBeLessThanOrEqual(Math.max(bytesMax, 4));
          expect(() => JSON.parse(cut) as unknown).not.toThrow();
        },
      ),
    );
  });
});
