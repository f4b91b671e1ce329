import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonElements, NoListError } from "./json-elements.ts";

/** The elements of a text that arrives in chunks of `pieceBytes`. */
function elements(text: string, pieceBytes = 1e6, limits: { elementBytesMax?: number; elementsMax?: number } = {}) {
  const reader = new JsonElements({ field: "messages", elementBytesMax: 1000, elementsMax: 1000, ...limits });
  const bytes = Buffer.from(text);
  const found: (string | undefined)[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes)
    found.push(...reader.take(bytes.subarray(from, from + pieceBytes)));
  if (!reader.isFull) reader.end();
  return { found, count: reader.count };
}

describe("JsonElements", () => {
  it("splits any list into its elements, for any chunks", () => {
    const list = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 });
    const spaces = fc.integer({ min: 0, max: 2 });
    fc.assert(
      fc.property(
        list,
        spaces,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (values, space, pieceBytes, isInField) => {
          const text = JSON.stringify(isInField ? { messages: values } : values, undefined, space);
          const { found, count } = elements(text, pieceBytes, { elementBytesMax: 1e6 });
          expect(found.map((one): unknown => JSON.parse(one ?? ""))).toEqual(JSON.parse(JSON.stringify(values)));
          expect(count).toBe(values.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("returns elements up to a limit, and reports further ones without reading them", () => {
    const limits = { elementsMax: 3 };
    expect(elements("[1,2,3]", 4, limits)).toEqual({ found: ["1", "2", "3"], count: 3 });
    for (const rest of ["4]", "4,5,6]", "]]]"])
      expect(elements(`[1,2,3,${rest}`, 4, limits)).toEqual({ found: ["1", "2", "3"], count: 4 });
  });

  it("leaves out an element that is too long", () => {
    const text = `[1,"${"x".repeat(100)}",2]`;
    for (const pieceBytes of [1, 7, 1000])
      expect(elements(text, pieceBytes, { elementBytesMax: 50 })).toEqual({ found: ["1", undefined, "2"], count: 3 });
  });

  it("returns a missing element as an empty text", () => {
    expect(elements("[1,,2]").found).toEqual(["1", "", "2"]);
    expect(elements("[1,]").found).toEqual(["1", ""]);
    expect(elements("[ ]").found).toEqual([]);
  });

  it.each(["", "{}", "null", "7", '{"message":[]}', '{"x":1,"messages":[]}', "<html>[", `"${"x".repeat(1000)}`])(
    "reports a text that is not a list: %s",
    (text) => {
      expect(() => elements(text, 3)).toThrow(NoListError);
    },
  );

  it.each([
    "[",
    "[1",
    '["]',
    "[[1]",
    "[1]]",
    "[1],",
    '{"messages":[1]',
    '{"messages":[1],"x":1}',
    `[1]${" ".repeat(1000)}`,
  ])("refuses an incomplete list, or text after the list: %s", (text) => {
    expect(() => elements(text, 3)).toThrow(SyntaxError);
  });
});
