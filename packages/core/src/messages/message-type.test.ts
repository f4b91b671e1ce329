import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACTION_TYPES,
  contentTypeCode,
  contentTypeOfCode,
  isAction,
  isActionCode,
  MESSAGE_TYPES,
  preferredTypeCode,
  type ContentType,
} from "./message-type.ts";

const ALL: readonly ContentType[] = [...MESSAGE_TYPES, ...ACTION_TYPES, "unknown"];

function preferred(a: ContentType, b: ContentType): ContentType {
  return contentTypeOfCode(preferredTypeCode(contentTypeCode(a), contentTypeCode(b)));
}

describe("contentTypeCode", () => {
  it("has a unique code for each type, which shows whether it is an action", () => {
    expect(new Set(ALL.map(contentTypeCode)).size).toBe(ALL.length);
    for (const type of ALL) {
      expect(contentTypeOfCode(contentTypeCode(type))).toBe(type);
      expect(isActionCode(contentTypeCode(type))).toBe(isAction(type));
    }
  });
});

describe("preferredTypeCode", () => {
  it.each([
    ["the list's order among message types", "image", "video"],
    ["text after the other message types", "groupInvite", "text"],
    ["other last among message types", "text", "other"],
    ["other last among message types", "image", "other"],
    ["message types over actions", "other", "edited"],
    ["message types over actions", "text", "reaction"],
    ["the list's order among actions", "edited", "deleted"],
    ["the list's order among actions", "reaction", "pollUpdate"],
    ["actions over unknown", "pollUpdate", "unknown"],
    ["message types over unknown", "other", "unknown"],
  ] as const)("prefers, in either order, %s: %s to %s", (_, kept, other) => {
    expect(preferred(kept, other)).toBe(kept);
    expect(preferred(other, kept)).toBe(kept);
  });

  it("selects the same type of many, in any order", () => {
    const twoOrders = fc
      .array(fc.constantFrom(...ALL), { minLength: 1, maxLength: 6 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(other.reduce(preferred)).toBe(one.reduce(preferred));
      }),
    );
  });
});
