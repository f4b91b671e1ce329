import { expect, it } from "vitest";
import { Pseudonyms } from "../pseudonyms.ts";
import { greenApi } from "./green-api.ts";

const pseudonyms = new Pseudonyms("a key of thirty-two characters, or more");

function queued(body: unknown): string {
  return greenApi
    .split(body)
    .map((part) => greenApi.withoutContent(part, pseudonyms))
    .join();
}

it("keeps the counted fields of a webhook, with a pseudonym for each chat", () => {
  const body = {
    typeWebhook: "outgoingMessageStatus",
    instanceData: { idInstance: 7103000001, wid: "79876543210@c.us" },
    timestamp: 1727691478,
    idMessage: "1234567890123",
    chatId: "79001234567@c.us",
    status: "failed",
    description: "Uploader Error for 79001234567@c.us",
    note: "79001234567",
  };
  const chatId = pseudonyms.chat("79001234567@c.us");
  expect(JSON.parse(queued(body))).toEqual({
    typeWebhook: "outgoingMessageStatus",
    instanceData: { idInstance: 7103000001 },
    timestamp: 1727691478,
    idMessage: "1234567890123",
    chatId,
    status: "failed",
    description: `Uploader Error for ${chatId}`,
  });
});

it.each(["79001234567", "7 900 123-45-67", "+7(900)1234567"])("does not contain %s from any field", (number) => {
  const bodies = [
    { typeWebhook: number, instanceData: number, chatId: [number], senderData: number, messageData: number },
    { typeWebhook: "incomingCall", from: number, instanceData: { idInstance: 1, wid: number } },
    { typeWebhook: "outgoingMessageStatus", chatId: { id: number }, timestamp: `${number}@c.us`, idMessage: [number] },
    { from: number, [number]: 1, digits: 79001234567 },
  ];
  for (const body of bodies) expect(queued(body).replace(/[\s()+-]/g, "")).not.toMatch(/79001234567|1234567/);
});
