import { describe, expect, it } from "vitest";
import { contentType } from "./message-types.ts";

describe("contentType", () => {
  it.each([
    ["textMessage", "text"],
    ["EXTENDEDTEXTMESSAGE", "text"],
    ["ContactsArrayMessage", "contact"],
    ["reactionMessage", "reaction"],
    ["somethingNew", "other"],
    ["", "unknown"],
    [undefined, "unknown"],
  ])("reads %j as %s", (word, type) => {
    expect(contentType(word)).toBe(type);
  });
});
