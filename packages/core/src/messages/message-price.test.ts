import { describe, expect, it } from "vitest";
import { PRICE_CATEGORIES, PRICE_NONE, preferredPriceCode } from "./message-price.ts";

const code = (category: (typeof PRICE_CATEGORIES)[number]) => PRICE_CATEGORIES.indexOf(category);

describe("preferredPriceCode", () => {
  it.each([
    ["a specific word", code("service"), code("other")],
    ["any word before none", code("other"), PRICE_NONE],
    ["of two specific words the one that comes first", code("marketing"), code("utility")],
    ["none where there is none", PRICE_NONE, PRICE_NONE],
  ])("keeps %s, in either order", (_, kept, other) => {
    expect(preferredPriceCode(kept, other)).toBe(kept);
    expect(preferredPriceCode(other, kept)).toBe(kept);
  });
});
