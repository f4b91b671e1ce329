import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instanceIdOf, isInstanceId, percentCoded } from "./instance-id.ts";

describe("isInstanceId", () => {
  it.each([
    "1",
    "7103000001",
    "18446744073709551615",
    "meta:100000000000001",
    "waha:server-1:default",
    "evolution:A.b_c+d~2F-e",
  ])("accepts %s", (id) => {
    expect(isInstanceId(id)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["21 digits", "1".repeat(21)],
    ["a gateway without an instance", "meta"],
    ["an empty external id", "meta:"],
    ["four parts", "a:b:c:d"],
    ["capitals in the gateway", "Meta:1"],
    ["65 characters", `meta:${"1".repeat(65)}`],
    ["a line break at its end", "7103000001\n"],
    ["a comma, which separates names in URLs", "meta:1,2"],
    ["a brace, which ends a hash tag", "meta:1}2"],
    ["a slash", "meta:1/2"],
    ["a per cent sign, which URLs would code again", "meta:1%2F2"],
    ["a quote, which ends a label", 'meta:1"'],
  ])("refuses %s", (_, id) => {
    expect(isInstanceId(id)).toBe(false);
  });
});

describe("instanceIdOf", () => {
  it.each([
    ["digits", ["100000000000001"], "meta:100000000000001"],
    ["a name with spaces", ["My session"], "meta:My~20session"],
    ["a server before it", ["eu 1", "default"], "meta:eu~201:default"],
    ["a channel and a number", ["whatsapp:+15550001111"], "meta:whatsapp~3A+15550001111"],
    ["letters beyond ASCII, by their bytes", ["é"], "meta:~C3~A9"],
    ["the sign of coded bytes", ["a~20b"], "meta:a~7E20b"],
  ] as const)("encodes %s", (_, external, id) => {
    expect(instanceIdOf("meta", ...external)).toBe(id);
  });

  it.each([
    ["an empty external id", "meta", ""],
    ["one that is longer than 64 characters once it is coded", "meta", "é".repeat(11)],
    ["a gateway that is no word of ours", "Meta Cloud", "1"],
  ])("has no instance id for %s", (_, gateway, external) => {
    expect(instanceIdOf(gateway, external)).toBeUndefined();
  });

  it("never gives two external ids one instance id", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a.toWellFormed() !== b.toWellFormed());
        expect(percentCoded(a)).not.toBe(percentCoded(b));
      }),
    );
  });

  it("returns a valid id, or none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (external) => {
        const id = instanceIdOf("meta", external);
        expect(id === undefined || isInstanceId(id)).toBe(true);
      }),
    );
  });
});
