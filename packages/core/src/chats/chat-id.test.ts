import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chatKindCode,
  forgottenChatId,
  forgottenRecipientId,
  isForgottenChatId,
  isPreferredChat,
  type ChatKind,
} from "./chat-id.ts";

/** The code of the kind that an adapter states of such an id. */
function kindOf(chatId: string): number {
  const kind = /^-\d+$/.test(chatId) ? "group" : (KINDS.get(chatId) ?? KINDS.get(chatId.slice(chatId.indexOf("@"))));
  return chatKindCode(kind ?? "individual");
}

const KINDS: ReadonlyMap<string, ChatKind> = new Map([
  ["status@broadcast", "status"],
  ["@g.us", "group"],
  ["@newsletter", "channel"],
  ["@broadcast", "broadcast"],
]);

/** Of two ids. */
function preferredChatId(a: string, b: string): string {
  return isPreferredChat(b, kindOf(b), a, kindOf(a)) ? b : a;
}

describe("isPreferredChat", () => {
  it("uses the stated kind, not the format of the id", () => {
    const [individual, group] = [chatKindCode("individual"), chatKindCode("group")];
    expect(isPreferredChat("5", group, "7@c.us", individual)).toBe(true);
    expect(isPreferredChat("7@c.us", individual, "5", group)).toBe(false);
    expect(isPreferredChat("5", group, "5", individual)).toBe(true);
    expect(isPreferredChat("5", individual, "5", individual)).toBe(false);
  });

  it("prefers a stated channel to the group that a status takes it for, in any order", () => {
    const [group, channel] = [chatKindCode("group"), chatKindCode("channel")];
    for (const other of ["-1001", "-1000", "-1002"]) {
      expect(isPreferredChat("-1001", channel, other, group)).toBe(true);
      expect(isPreferredChat(other, group, "-1001", channel)).toBe(false);
    }
  });

  it("prefers a phone number to a hidden number, in either order", () => {
    expect(preferredChatId("1@lid", "9@c.us")).toBe("9@c.us");
    expect(preferredChatId("9@c.us", "1@lid")).toBe("9@c.us");
  });

  /** The most preferred first; within a kind, the id that sorts first. */
  const order = [
    "@c.us",
    "@g.us",
    "1203@g.us",
    "1204@g.us",
    "1203@newsletter",
    "status@broadcast",
    "1790000001@broadcast",
    "79001234567@c.us",
    "79001234568@c.us",
    "10000000",
    "1@lid",
    "2@lid",
    "US.13491208655302741918@bsuid",
    "odd name@c.us",
    "x@elsewhere",
  ];

  it("prefers forgotten, group, channel, story, list, phone number, bare id, hidden number, then the id that sorts first", () => {
    order.forEach((a, i) => {
      order.forEach((b, j) => {
        expect(preferredChatId(a, b), `${a} beside ${b}`).toBe(order[Math.min(i, j)]);
      });
    });
  });

  it("selects the same id of many, in any order", () => {
    const twoOrders = fc
      .array(fc.oneof(fc.constantFrom(...order), fc.string()), { minLength: 1, maxLength: 8 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(other.reduce(preferredChatId)).toBe(one.reduce(preferredChatId));
      }),
    );
  });
});

describe("forgottenChatId", () => {
  it("keeps only the server of a chat, for every chat", () => {
    const chatId = fc.oneof(
      fc
        .tuple(fc.stringMatching(/^[1-9]\d{5,14}$/), fc.constantFrom("c.us", "g.us", "lid", "newsletter", "broadcast"))
        .map(([user, server]) => `${user}@${server}`),
      fc.constant("status@broadcast"),
      fc.stringMatching(/^[1-9]\d{5,14}$/),
      fc.stringMatching(/^-[1-9]\d{5,14}$/),
    );
    fc.assert(
      fc.property(chatId, fc.nat(999), (chat, place) => {
        const forgotten = forgottenChatId(chat, kindOf(chat));
        expect(isForgottenChatId(forgotten)).toBe(true);
        expect(forgotten).not.toMatch(/\d/);
        expect(preferredChatId(forgotten, chat)).toBe(forgotten);
        const recipient = forgottenRecipientId(chat, place);
        expect(isForgottenChatId(recipient)).toBe(true);
        expect(recipient.match(/\d+/g)).toEqual([String(place)]);
      }),
    );
  });
});
