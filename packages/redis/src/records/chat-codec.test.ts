import { CHAT_KINDS, chatKindCode, type ChatKind } from "@ticktally/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packChatId, packRecipientId, unpackChatId, unpackedKind } from "./chat-codec.ts";

const server = fc.constantFrom("", "@c.us", "@g.us", "@lid", "@newsletter", "@broadcast", "@bsuid", "@list@broadcast");
const user = fc.oneof(fc.stringMatching(/^-?\d{1,25}$/), fc.string({ minLength: 1, maxLength: 20 }));
const chatId = fc
  .tuple(user, server)
  .map(([name, at]) => name.toWellFormed() + at)
  .filter((id) => id !== "");

describe("a packed chat", () => {
  it("is read unchanged, for every kind that the gateway states", () => {
    fc.assert(
      fc.property(chatId, fc.nat(CHAT_KINDS.length - 1), (id, kind) => {
        const packed = packChatId(id, kind);
        expect(unpackChatId(packed)).toBe(id);
        expect(unpackedKind(packed, id)).toBe(kind);
      }),
      { numRuns: 1000 },
    );
  });

  it("differs for another kind only in its first byte, so that a search finds all kinds", () => {
    fc.assert(
      fc.property(chatId, (id) => {
        const packed = CHAT_KINDS.map((_, kind) => packChatId(id, kind));
        expect(new Set(packed.map((bytes) => bytes[0])).size).toBe(CHAT_KINDS.length);
        expect(new Set(packed.map((bytes) => bytes.subarray(1).toString("hex"))).size).toBe(1);
      }),
    );
  });

  // The format that older versions wrote and still read.
  it.each([
    ["79001234567@c.us", "individual", "369b2234567890"],
    ["120363@g.us", "group", "30342585"],
    ["120363@newsletter", "channel", "32342585"],
    ["status@broadcast", "status", "35737461747573"],
    ["179@broadcast", "broadcast", "3e39b0"],
    ["187239@lid", "individual", "383a945b"],
    ["10000000", "individual", "3a32222222"],
    ["-100123", "group", "3a13223450"],
  ] as const)(
    "of %s, which has the usual kind (%s) of its server, has the bytes of older versions",
    (id, kind, bytes) => {
      const packed = packChatId(id, chatKindCode(kind satisfies ChatKind));
      expect(packed.toString("hex")).toBe(bytes);
      expect(unpackChatId(packRecipientId(id))).toBe(id);
    },
  );
});
