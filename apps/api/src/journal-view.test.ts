import type { MessageRecord } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { journalMessage, statusStatistic } from "./journal-view.ts";

const moment = (at: number) => ({ at, receivedAt: at + 1 });
const record: MessageRecord = {
  direction: "outgoing",
  idMessage: "BAE5",
  chatId: "79001234567@c.us",
  origin: "api",
  type: "image",
  state: { reached: "delivered" },
  contradicted: false,
  observed: moment(100),
  seen: { sent: moment(101), delivered: moment(150) },
};

describe("journalMessage", () => {
  it("shows an outgoing message with the time of the last thing told of it", () => {
    const { idMessage, chatId } = record;
    const shown = { type: "outgoing", idMessage, chatId, timestamp: 150, typeMessage: "imageMessage" };
    expect(journalMessage(record)).toEqual({ ...shown, statusMessage: "delivered", sendByApi: true });
  });

  it("leaves out what no webhook has told", () => {
    const { direction, idMessage, state, contradicted, seen } = record;
    const bare = { direction, idMessage, state, contradicted, seen };
    const shown = journalMessage({ ...bare, type: "unknown", origin: "unknown" });
    expect(shown).toEqual({
      type: "outgoing",
      idMessage: "BAE5",
      chatId: "",
      timestamp: 150,
      statusMessage: "delivered",
    });
  });

  it("shows an incoming message with its sender, which is the chat unless that is a group", () => {
    const incoming: MessageRecord = {
      ...record,
      direction: "incoming",
      origin: "unknown",
      state: { reached: "pending" },
      seen: {},
    };
    const shown = { type: "incoming", idMessage: "BAE5", timestamp: 100, typeMessage: "imageMessage" };
    const { chatId } = record;
    expect(journalMessage(incoming)).toEqual({ ...shown, chatId, senderId: chatId });
    expect(journalMessage({ ...incoming, chatId: "1203@g.us" })).toEqual({ ...shown, chatId: "1203@g.us" });
  });
});

describe("statusStatistic", () => {
  it("has the message's own chat where it has one recipient", () => {
    const expected = [{ timestamp: 150, participant: "79001234567@c.us", status: "delivered" }];
    expect(statusStatistic(record)).toEqual(expected);
  });

  it("has each recipient but those it is still on the way to, played as read, failures as such", () => {
    const recipients = [
      { chatId: "1@c.us", state: { reached: "played" }, at: 300 },
      { chatId: "2@c.us", state: { reached: "pending" }, at: 100 },
      { chatId: "3@c.us", state: { reached: "sent", failure: "noAccount" }, at: 200 },
      { chatId: "4@c.us", state: { reached: "yellowCard" }, at: 100 },
    ] as const;
    expect(statusStatistic({ ...record, recipients })).toEqual([
      { timestamp: 300, participant: "1@c.us", status: "read" },
      { timestamp: 200, participant: "3@c.us", status: "noAccount" },
    ]);
  });

  it("is empty while nothing was told but the message itself", () => {
    expect(statusStatistic({ ...record, state: { reached: "pending" }, seen: {} })).toEqual([]);
  });
});
