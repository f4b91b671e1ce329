import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAbridged, type KeptFields } from "./abridged-json.ts";

const KEPT: KeptFields = { id: undefined, data: { id: undefined } };
const abridged = (text: string): unknown => parseAbridged(text, KEPT);
const MANY = 100_000;
/** Texts several times as long as the limit; most of them are slow or impossible for JSON.parse and JSON.stringify. */
const HOSTILE: Readonly<Record<string, string>> = {
  numbers: `[${"1,".repeat(MANY)}1]`,
  objects: `[${"{},".repeat(MANY)}{}]`,
  "nested lists": "[".repeat(MANY) + "]".repeat(MANY),
  "nested objects": `${'{"a":'.repeat(MANY)}1${"}".repeat(MANY)}`,
  fields: `{${Array.from({ length: MANY }, (_, i) => `"k${String(i)}":1`).join()}}`,
  "one repeated field": `{${'"id":"x",'.repeat(MANY)}"id":"y"}`,
  "a long text": JSON.stringify("x".repeat(MANY)),
  "a long text of control characters": JSON.stringify("\u0001".repeat(MANY)),
  "a long text of backslashes": JSON.stringify("\\".repeat(MANY)),
  "a long number": "1".repeat(MANY),
  "long names": `{${Array.from({ length: 100 }, (_, i) => `"${"x".repeat(1000)}${String(i)}":1`).join()}}`,
  "escaped names": `{${'"\\u0061":1,'.repeat(MANY)}"b":1}`,
  "numbers beyond 2^53": `[${"12345678901234567890,".repeat(MANY)}1]`,
  space: `[${" ".repeat(MANY)}1]`,
};

describe("parseAbridged", () => {
  it("keeps a short text completely", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.integer({ min: 0, max: 2 }), (text, spaces) => {
        const value: unknown = JSON.parse(text);
        fc.pre(text.length < 1000 && !/\d{16}|.{256}/.test(text));
        expect(abridged(JSON.stringify(value, undefined, spaces))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(Object.entries(HOSTILE))("shortens %s to a few kB of valid JSON", (_, text) => {
    const kept = JSON.stringify(abridged(text));
    expect(kept.length).toBeLessThan(6_000);
    expect(JSON.parse(kept)).toEqual(abridged(text));
  });

  it("keeps a list of counted elements with their counted fields, whatever else they contain", () => {
    const rows = Array.from({ length: 1_000 }, (_, id) => ({ note: "x".repeat(90), id, tags: [{ id: 1 }, { id: 2 }] }));
    const lists: KeptFields = { rows: [{ id: undefined, tags: [{ id: undefined }, 1] }] };
    const kept = parseAbridged(JSON.stringify({ note: "x".repeat(5_000), rows }), lists) as { rows: unknown[] };
    expect(kept.rows).toHaveLength(rows.length);
    expect(kept.rows.at(-1)).toEqual({ id: 999, tags: [{ id: 1 }] });
  });

  it.each(["1", '"x"', "{}", "[]", '{"id":{}}', '{"rows":[{}]}'])("keeps at most 50,005 elements such as %s", (one) => {
    const lists: KeptFields = { rows: [{ id: undefined, rows: [{}] }] };
    const kept = parseAbridged(`{"rows":[${`${one},`.repeat(60_000)}1]}`, lists) as { rows: unknown[] };
    expect(kept.rows.length).toBeLessThanOrEqual(50_005);
    expect(kept.rows.length).toBeGreaterThan(25_000);
  });

  it.each(Object.entries(HOSTILE))("keeps the counted fields before and after %s", (_, text) => {
    for (const body of [
      `{"id":"a","data":{"id":1,"x":${text}},"x":${text}}`,
      `{"x":${text},"data":{"x":${text},"id":1},"id":"a"}`,
    ])
      expect(abridged(body)).toMatchObject({ id: "a", data: { id: 1 } });
  });

  describe("with objects in strings", () => {
    const DATA: KeptFields = { id: undefined, data: { id: undefined } };
    const FIELDS: KeptFields = { n: undefined, data: DATA };
    const read = (text: string) => parseAbridged(text, FIELDS, new Set([FIELDS, DATA]));
    const long = (fields: object) => JSON.stringify({ x: "x".repeat(MANY), ...fields });

    it("keeps the fields of an object in a string where they are expected", () => {
      expect(read(JSON.stringify(long({ n: 1 })))).toMatchObject({ n: 1 });
      expect(read(JSON.stringify({ n: 1, data: long({ id: 7 }) }))).toMatchObject({ n: 1, data: { id: 7 } });
      expect(read(JSON.stringify({ n: long({ id: 7 }) }))).toEqual({ n: long({}).slice(0, 256) });
    });

    it("reads strings in it as strings", () => {
      const inner = long({ id: 7 });
      expect(read(JSON.stringify(long({ data: inner })))).toMatchObject({ data: inner.slice(0, 256) });
    });

    it.each(["{", "}", `"a":}`])("keeps the beginning of a string that is not JSON: %s", (end) => {
      const text = `{"x":"${"x".repeat(1_000)}",${end}`;
      expect(read(JSON.stringify({ data: text, n: 1 }))).toEqual({ data: text.slice(0, 256), n: 1 });
    });

    it("reads at most 1 MiB of strings, whether they are JSON or not", () => {
      const large = (fields: object) => JSON.stringify({ x: "x".repeat(600_000), ...fields });
      const list = JSON.stringify([large({ n: 1 }), large({ n: 2 })]);
      const [first, second] = parseAbridged(list, [FIELDS], new Set([FIELDS])) as unknown[];
      expect(first).toMatchObject({ n: 1 });
      expect(second).toBe(large({}).slice(0, 256));
      expect(read(JSON.stringify(JSON.stringify({ x: "x".repeat(1024 * 1024), n: 1 })))).toBeTypeOf("string");
    });

    const short = Object.entries(HOSTILE).filter(([, text]) => JSON.stringify(text).length < 1_000_000);
    it.each(short)("keeps a few kB of %s in a string", (_, text) => {
      const kept = read(JSON.stringify(`{"n":1,"x":${text}}`));
      expect(JSON.stringify(kept).length).toBeLessThan(6_000);
      expect(kept).toMatchObject({ n: 1 });
    });
  });

  it("keeps the type of shortened values, so that invalid values stay invalid", () => {
    const rest = `"x":[${"1,".repeat(MANY)}1]`;
    expect(abridged(`{${rest},"id":[1,2]}`)).toMatchObject({ id: [] });
    expect(abridged(`{${rest},"id":{"a":1}}`)).toMatchObject({ id: {} });
    expect(abridged(`{${rest},"data":[{"id":1}]}`)).toMatchObject({ data: [] });
    expect(abridged(`{"id":"${"x".repeat(300)}"}`)).toEqual({ id: "x".repeat(256) });
    expect(abridged(`{"id":${"1".repeat(300)}}`)).toEqual({ id: "1".repeat(256) });
    expect(abridged('{"id":1e400}')).toEqual({ id: "1e400" });
  });

  it("uses the last field of duplicate names, as JSON.parse does", () => {
    expect(abridged(`{"id":1,"x":[${"1,".repeat(MANY)}1],"\\u0069d":2}`)).toMatchObject({ id: 2 });
    expect(abridged('{"__proto__":{"id":1}}')).toEqual(JSON.parse('{"__proto__":{"id":1}}'));
  });

  it("keeps all digits of integers beyond 2^53", () => {
    expect(abridged('{"id":12345678901234567890}')).toEqual({ id: "12345678901234567890" });
  });

  it("keeps no part of a number that is cut", () => {
    const text = `${"x".repeat(246)} +7 900 123-45-67`;
    expect(abridged(JSON.stringify([text]))).toEqual([`${"x".repeat(246)}${"*".repeat(10)}`]);
  });

  it("reads an escaped name of a kept field after a few other names, and skips it after thousands", () => {
    const behind = (names: number) => `{"room":"${"x".repeat(3_000)}",${'"\\u0061":1,'.repeat(names)}"\\u0069d":"M"}`;
    expect(abridged(behind(300))).toMatchObject({ id: "M" });
    expect(abridged(behind(MANY))).not.toHaveProperty("id");
  });

  it("does not cut within an escape", () => {
    for (let shift = 0; shift < 8; shift++) {
      const text = "x".repeat(250 + shift) + '\u0001"\\\f€'.repeat(100);
      expect(abridged(JSON.stringify(text))).toBe(text.slice(0, 256));
    }
  });

  it.each([
    "",
    " ",
    "{",
    "[",
    '"',
    '"\\"',
    "[1,]",
    "[,1]",
    "{,}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "[1 2]",
    "[1]]",
    "nul",
    "1.2.3",
  ])("refuses what is not JSON: %s", (text) => {
    expect(() => abridged(text)).toThrow(SyntaxError);
  });

  it.each(["{", "[", '{"a":"', "[[]", '{"a":[1,'])("refuses a long text that ends early: %s", (text) => {
    expect(() => abridged(`[[${"1,".repeat(MANY)}1],${text}`)).toThrow(SyntaxError);
  });
});
