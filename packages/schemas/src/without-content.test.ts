import { describe, expect, it } from "vitest";
import { withoutContent } from "./without-content.ts";

const strip = (body: object): unknown => JSON.parse(withoutContent(JSON.stringify(body), body));

describe("withoutContent", () => {
  it("queues of a message what is counted: no text, no name, no picture", () => {
    const envelope = {
      typeWebhook: "incomingMessageReceived",
      instanceData: { idInstance: 1 },
      timestamp: 2,
      idMessage: "A",
    };
    const senderData = { chatId: "7@c.us", sender: "7@c.us", senderName: "John" };
    const messageData = {
      typeMessage: "imageMessage",
      fileMessageData: { caption: "hi", jpegThumbnail: "x".repeat(1e6) },
    };
    const counted = { messageData: { typeMessage: "imageMessage" }, senderData: { chatId: "7@c.us" } };
    expect(strip({ ...envelope, senderData, messageData })).toEqual({ ...envelope, ...counted });
  });

  it("leaves a short webhook of any other kind as it came", () => {
    const text = '{ "typeWebhook" : "newThing", "n": 1.0 }';
    expect(withoutContent(text, JSON.parse(text))).toBe(text);
  });

  it("cuts long strings of what it does not know, and keeps its shape", () => {
    const body = { typeWebhook: "newThing", deep: [{ picture: "x".repeat(100_000) }], status: "odd" };
    expect(strip(body)).toEqual({ ...body, deep: [{ picture: "x".repeat(256) }] });
  });

  it("drops nothing where a message has not the expected shape", () => {
    const body = { typeWebhook: "incomingMessageReceived", messageData: "text", idMessage: "A" };
    expect(strip(body)).toEqual(body);
  });

  it("survives nesting that no stack holds", () => {
    const text = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(withoutContent(text, JSON.parse(text))).toBe(text);
  });
});
