import { describe, expect, it } from "vitest";
import { normaliseChatId } from "./chat-id.ts";

describe("normaliseChatId", () => {
  it.each([
    ["79001234567@c.us", "79001234567@c.us"],
    ["79001234567:3@c.us", "79001234567@c.us"],
    ["79001234567@s.whatsapp.net", "79001234567@c.us"],
    ["79001234567:12@s.whatsapp.net", "79001234567@c.us"],
    ["187239847239847@lid", "187239847239847@lid"],
    ["79876543210-1586700690@g.us", "79876543210-1586700690@g.us"],
    ["status@broadcast", "status@broadcast"],
    ["79001234567.0:3@s.whatsapp.net", "79001234567@c.us"],
    ["79001234567.2@c.us", "79001234567@c.us"],
    ["187239847239847.1:5@lid", "187239847239847@lid"],
    ["187239847239847:12@lid", "187239847239847@lid"],
    ["79001234567_1:3@s.whatsapp.net", "79001234567@c.us"],
    ["79001234567@C.US", "79001234567@c.us"],
    [" 79001234567.0:3@S.WhatsApp.Net ", "79001234567@c.us"],
    ["79001234567:99@hosted", "79001234567@c.us"],
    ["187239847239847:99@hosted.lid", "187239847239847@lid"],
    ["1790000001@Broadcast", "1790000001@broadcast"],
    ["some.body@example", "some.body@example"],
    ["10000000", "10000000"],
    ["-1001234500001", "-1001234500001"],
    ["  ", undefined],
  ])("converts %j to %j", (raw, id) => {
    expect(normaliseChatId(raw)).toBe(id);
  });
});
