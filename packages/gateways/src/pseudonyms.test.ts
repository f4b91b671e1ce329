import { chatIdParts } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { Pseudonyms } from "./pseudonyms.ts";

const pseudonyms = new Pseudonyms("a key of thirty-two characters, or more");
const other = new Pseudonyms("another key of thirty-two characters, too");

describe("the pseudonym of a chat", () => {
  it.each([
    "79001234567@c.us",
    "79001234567-1586700690@g.us",
    "120363347693198097@newsletter",
    "120363@lid",
    "79001234567",
    "-1001234500001",
  ])("keeps the kind and server of %s, and nothing of its number", (chatId) => {
    const pseudonym = pseudonyms.chat(chatId);
    expect(pseudonym).toMatch(/^-?[01]\d{19}(@|$)/);
    expect(pseudonym).not.toContain(/\d+/.exec(chatId)?.[0]);
    // Of a number without a server the sign tells the kind.
    expect(pseudonym.startsWith("-")).toBe(chatId.startsWith("-"));
    expect(chatIdParts(pseudonym)).toMatchObject({ server: chatIdParts(chatId).server, isNumber: true });
  });

  it("is the same for every spelling of the chat, and for a pseudonym itself", () => {
    const pseudonym = pseudonyms.chat("79001234567@c.us");
    expect(pseudonyms.chat(" 79001234567:12@s.whatsapp.net ")).toBe(pseudonym);
    expect(pseudonyms.chat(pseudonym)).toBe(pseudonym);
  });

  it("differs for another chat or another key", () => {
    const chats = Array.from({ length: 20_000 }, (_, i) => `7900${String(1_000_000 + i)}@c.us`);
    expect(new Set(chats.map((chat) => pseudonyms.chat(chat))).size).toBe(chats.length);
    expect(other.chat("79001234567@c.us")).not.toBe(pseudonyms.chat("79001234567@c.us"));
  });

  it("does not exist for stories, which have no owner", () => {
    expect(pseudonyms.chat("status@broadcast")).toBe("status@broadcast");
  });
});

describe("fields that no rule reads", () => {
  const numbers = ["79001234567", "7 900 123-45-67", "+7(900)1234567"];

  it.each(numbers)("do not contain %s", (number) => {
    const bodies = [
      number,
      [number, [number]],
      { from: number, [number]: 1, deep: { list: [{ chatId: `${number}@c.us` }], digits: 79001234567 } },
    ];
    for (const body of bodies)
      expect(JSON.stringify(pseudonyms.masked(body)).replace(/[\s()+-]/g, "")).not.toMatch(/79001234567|1234567/);
  });

  it("have a chat's pseudonym after dashes and a plus too", () => {
    const chatId = pseudonyms.chat("79001234567@c.us");
    expect(pseudonyms.maskedText("--79001234567@c.us, 1---x 12345-79001234567@c.us")).toBe(
      `--${chatId}, 1---x ${pseudonyms.chat("12345-79001234567@c.us")}`,
    );
    expect(pseudonyms.maskedText("+79001234567@c.us")).toBe(pseudonyms.chat("+79001234567@c.us"));
  });

  it("do not end in half a number if they are long", () => {
    const endings = Array.from({ length: 30 }, (_, i) => {
      return pseudonyms.maskedText(`${"x".repeat(4_070 + i)} 79001234567@c.us, 79001234567`).slice(4_070);
    });
    expect(endings.filter((ending) => /\d/.test(ending.replace(/[01]\d{19}/, "")))).toEqual([]);
  });

  it("are not stored if they are nested too deeply to be searched", () => {
    let body: unknown = "79001234567";
    for (let i = 0; i < 50_000; i++) body = [body];
    expect(JSON.stringify(pseudonyms.masked({ chatId: body }))).not.toContain("79001234567");
  });
});
