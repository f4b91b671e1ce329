import {
  applyEvent,
  newRecord,
  newStanding,
  type Direction,
  type MessageEvent,
  type MessageRecord,
} from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { journalMessage, statusStatistic } from "./journal-view.ts";

const CHAT = "79001234567@c.us";
const moment = (at: number) => ({ at, receivedAt: at + 1 });
const base = { kind: "status", idMessage: "BAE5", origin: "api", chatId: CHAT } as const;
const observed = { ...base, kind: "observation", direction: "outgoing", type: "image", ...moment(100) } as const;
const sent = { ...base, status: "sent", ...moment(101) } as const;
const delivered = { ...base, status: "delivered", ...moment(150) } as const;

function recordOf(events: readonly MessageEvent[], direction: Direction = "outgoing"): MessageRecord {
  const record = newRecord(direction, "BAE5");
  const standing = newStanding();
  for (const event of events) applyEvent(record, event, standing, () => 0);
  return record;
}

describe("journalMessage", () => {
  it("shows an outgoing message with the time of its last event", () => {
    expect(journalMessage(recordOf([observed, sent, delivered]))).toEqual({
      type: "outgoing",
      idMessage: "BAE5",
      chatId: CHAT,
      timestamp: 150,
      typeMessage: "imageMessage",
      statusMessage: "delivered",
      sendByApi: true,
    });
  });

  it("leaves out fields that no webhook has reported", () => {
    const bare = { ...delivered, chatId: undefined, origin: "unknown" } as const;
    expect(journalMessage(recordOf([bare]))).toEqual({
      type: "outgoing",
      idMessage: "BAE5",
      chatId: "",
      timestamp: 150,
      statusMessage: "delivered",
    });
  });

  it("shows an incoming message with its sender, which is the chat except in groups", () => {
    const incoming = { ...observed, direction: "incoming", origin: "unknown" } as const;
    const shown = { type: "incoming", idMessage: "BAE5", timestamp: 100, typeMessage: "imageMessage" };
    expect(journalMessage(recordOf([incoming], "incoming"))).toEqual({ ...shown, chatId: CHAT, senderId: CHAT });
    const inGroup = { ...incoming, chatId: "1203@g.us", chatKind: "group" } as const;
    expect(journalMessage(recordOf([inGroup], "incoming"))).toEqual({ ...shown, chatId: "1203@g.us" });
  });
});

describe("statusStatistic", () => {
  it("has the message's own chat if there is one recipient", () => {
    const expected = [{ timestamp: 150, participant: CHAT, status: "delivered" }];
    expect(statusStatistic(recordOf([observed, sent, delivered]))).toEqual(expected);
  });

  it("has each recipient with a status: played as read, failures unchanged, pending ones left out", () => {
    const record = recordOf([
      { ...observed, chatId: "1203@g.us", chatKind: "group" },
      { ...base, chatId: "1@c.us", status: "played", ...moment(300) },
      { ...base, chatId: "2@c.us", status: "pending", ...moment(100) },
      { ...base, chatId: "3@c.us", status: "noAccount", reason: "no_account", ...moment(200) },
      { ...base, chatId: "4@c.us", status: "yellowCard", ...moment(100) },
    ]);
    expect(statusStatistic(record)).toEqual([
      { timestamp: 300, participant: "1@c.us", status: "read" },
      { timestamp: 200, participant: "3@c.us", status: "noAccount" },
    ]);
  });

  it("is the failure of a failed message, with its own time", () => {
    const failed = { ...base, status: "noAccount", reason: "no_account", ...moment(120) } as const;
    const expected = [{ timestamp: 120, participant: CHAT, status: "noAccount" }];
    expect(statusStatistic(recordOf([observed, sent, failed, delivered]))).toEqual(expected);
  });

  it("is empty if only the message itself was reported", () => {
    expect(statusStatistic(recordOf([observed]))).toEqual([]);
  });
});
