import { describe, expect, it } from "vitest";
import { chatKind, normaliseChatId, preferredChatId } from "./chat-id.ts";

describe("normaliseChatId", () => {
  it.each([
    ["79001234567@c.us", "79001234567@c.us"],
    ["79001234567:3@c.us", "79001234567@c.us"],
    ["79001234567@s.whatsapp.net", "79001234567@c.us"],
    ["79001234567:12@s.whatsapp.net", "79001234567@c.us"],
    ["187239847239847@lid", "187239847239847@lid"],
    ["79876543210-1586700690@g.us", "79876543210-1586700690@g.us"],
    ["status@broadcast", "status@broadcast"],
    ["10000000", "10000000"],
    ["  ", undefined],
  ])("brings %j to %j", (raw, id) => {
    expect(normaliseChatId(raw)).toBe(id);
  });
});

describe("chatKind", () => {
  it.each([
    ["79001234567@c.us", "individual"],
    ["187239847239847@lid", "individual"],
    ["120363347693198097@g.us", "group"],
    ["120363347693198097@newsletter", "channel"],
    ["status@broadcast", "status"],
  ] as const)("tells %s to be %s", (id, kind) => {
    expect(chatKind(id)).toBe(kind);
  });
});

describe("preferredChatId", () => {
  it("keeps the phone number beside a hidden number, in either order", () => {
    expect(preferredChatId("1@lid", "9@c.us")).toBe("9@c.us");
    expect(preferredChatId("9@c.us", "1@lid")).toBe("9@c.us");
  });
});
