import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackArray, type PackedValue } from "./packed-array.ts";
import { PackedWriter } from "./packed-writer.ts";

const LENGTHS = [0, 1, 31, 32, 33, 255, 256, 65_535, 65_536, 70_000];
const textOf = (length: number) => Buffer.alloc(length, "0123456789abcdef");

function decoded(writer: PackedWriter): unknown {
  return decode(writer.finish(), { rawStrings: true });
}

/** Bytes as strings with one character for each byte, which can be compared fast. */
function plain(values: unknown): unknown {
  return (values as readonly unknown[]).map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
}

describe("PackedWriter", () => {
  it("writes strings of any length that another library can read", () => {
    const writer = new PackedWriter(16);
    for (const length of LENGTHS) writer.bytes(textOf(length));
    for (const length of LENGTHS) writer.latin1(textOf(length).toString("latin1"));
    const expected = [...LENGTHS, ...LENGTHS].map(textOf);
    expect(writer.elements).toBe(expected.length);
    expect(plain(decoded(writer))).toEqual(plain(expected));
    expect(plain(unpackArray(writer.finish()))).toEqual(plain(expected));
  });

  it("writes binary data unchanged", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const writer = new PackedWriter();
    writer.bytes(all);
    writer.latin1(all.toString("latin1"));
    expect(plain(decoded(writer))).toEqual(plain([all, all]));
  });

  it.each(LENGTHS)("writes a value in place that is shorter than the reserved %i bytes", (bytesMax) => {
    for (const bytes of new Set([0, Math.min(1, bytesMax), Math.min(31, bytesMax), bytesMax])) {
      const writer = new PackedWriter(16);
      writer.int(1);
      const start = writer.open(bytesMax);
      textOf(bytes).copy(writer.target, start);
      const at = writer.close(bytes, bytesMax);
      expect(writer.target.subarray(at, at + bytes).equals(textOf(bytes))).toBe(true);
      writer.int(2);
      expect(plain(decoded(writer))).toEqual(plain([1, textOf(bytes), 2]));
    }
  });

  it("writes integers, including those whose value is set later", () => {
    const numbers = [-32, -2, -1, 0, 1, 127, 128, 255, 256, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff];
    const writer = new PackedWriter(16);
    const places = numbers.map((value) => {
      writer.int(value);
      return writer.later();
    });
    numbers.forEach((value, i) => {
      writer.set(places[i] ?? 0, Math.abs(value));
    });
    expect(decoded(writer)).toEqual(numbers.flatMap((value) => [value, Math.abs(value)]));
  });

  it("writes any elements in any order, starting with any size", () => {
    const element = fc.oneof(
      fc.integer({ min: -32, max: 0xffffffff }).map((value) => ({ kind: "int" as const, value })),
      fc.boolean().map((value) => ({ kind: "bool" as const, value })),
      fc.uint8Array({ maxLength: 300 }).map((value) => ({ kind: "bytes" as const, value })),
      fc.tuple(fc.maxSafeInteger(), fc.constantFrom("", "#", "hours:")).map(([value, prefix]) => {
        return { kind: "digits" as const, value, prefix };
      }),
    );
    fc.assert(
      fc.property(fc.array(element, { maxLength: 60 }), fc.integer({ min: 8, max: 200 }), (elements, bytes) => {
        const writer = new PackedWriter(bytes);
        const expected = elements.map((one) => {
          if (one.kind === "int") writer.int(one.value);
          else if (one.kind === "bool") writer.bool(one.value);
          else if (one.kind === "bytes") writer.bytes(one.value);
          else {
            writer.digits(one.value, one.prefix);
            return Buffer.from(one.prefix + String(one.value));
          }
          return one.kind === "bytes" ? Buffer.from(one.value) : one.value;
        });
        expect(plain(decoded(writer))).toEqual(plain(expected));
      }),
      { numRuns: 500 },
    );
  });
});

describe("unpackArray", () => {
  const value: fc.Arbitrary<PackedValue> = fc.oneof(
    fc.boolean(),
    fc.integer({ min: -1000, max: 100_000 }),
    fc.constantFrom(0, 127, 128, 255, 256, 65_536),
    fc.constantFrom(...LENGTHS).map((length) => textOf(length)),
    fc.string({ maxLength: 40 }).map((text) => Buffer.from(text)),
  );

  it("reads the output of another library", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), (values) => {
        // As strings, because Redis's scripts write bytes as strings.
        const written = encode(values.map((one) => (Buffer.isBuffer(one) ? one.toString("latin1") : one)));
        expect(plain(unpackArray(Buffer.from(written)))).toEqual(plain(values));
      }),
    );
  });

  it("reads nested arrays", () => {
    const nested = [[], [true, [5, 300]], 70_000, [false]];
    expect(unpackArray(Buffer.from(encode(nested)))).toEqual(nested);
  });

  it.each([0, 15, 16, 65_535, 65_536])("reads an array of %i elements", (length) => {
    const values = unpackArray(Buffer.from(encode(new Array<boolean>(length).fill(true))));
    expect(values).toHaveLength(length);
    expect(values.every((one) => one === true)).toBe(true);
  });

  it.each([
    ["more than an array", Buffer.concat([encode([true]), encode(5)])],
    ["a number", encode(5)],
    ["a text", encode("[]")],
    ["a map", encode({ 0: true })],
    ["a map in an array", encode([{ 0: true }])],
    ["a text that ends too early", encode([textOf(40).toString()]).subarray(0, 20)],
    ["elements that are missing", encode([true, false, true]).subarray(0, 2)],
    ["nothing", new Uint8Array()],
  ])("refuses %s", (_, packed) => {
    expect(() => unpackArray(Buffer.from(packed))).toThrow();
  });
});
