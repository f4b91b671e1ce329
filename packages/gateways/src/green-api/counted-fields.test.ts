import { describe, expect, it } from "vitest";
import { Pseudonyms } from "../pseudonyms.ts";
import { greenApi } from "./green-api.ts";
import { webhookInstance } from "./shapes.ts";
import { parseNotificationText, parseWebhookText } from "./webhook-text.ts";

function withoutContent(_: string, body: unknown, pseudonyms?: Pseudonyms): string {
  return greenApi
    .split(body)
    .map((part) => greenApi.withoutContent(part, pseudonyms))
    .join();
}

function strip(body: object): unknown {
  const text = JSON.stringify(body);
  return JSON.parse(withoutContent(text, parseWebhookText(text)));
}

describe("the queued fields of a webhook", () => {
  it("are those of a message that are counted: no text, no name, no picture", () => {
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

  const acting = (typeMessage: string, held: object) => ({
    typeWebhook: "outgoingMessageReceived",
    instanceData: { idInstance: 1, typeInstance: "telegram" },
    timestamp: "1790000000",
    idMessage: 17,
    messageData: { typeMessage, ...held },
  });

  it.each([
    ["editedMessage", "editedMessageData", "17~edited~1790000000"],
    ["DeletedMessage", "deletedMessageData", "17~deleted~1790000000"],
    ["reactionMessage", "quotedMessage", "17~reaction~1790000000"],
    ["pollUpdateMessage", "pollMessageData", "17~pollUpdate~1790000000"],
    ["imageMessage", "quotedMessage", 17],
  ])("have a new id for an action with the id of its message: %s", (typeMessage, held, idMessage) => {
    for (const stanzaId of [17, "17"])
      expect(strip(acting(typeMessage, { [held]: { stanzaId } }))).toMatchObject({
        idMessage,
        messageData: { typeMessage },
      });
    expect(strip(acting(typeMessage, { [held]: { stanzaId: "18" } }))).toMatchObject({ idMessage: 17 });
  });

  it.each([
    [{ low: 1_790_000_000, high: 0, unsigned: true }, "17~edited~1790000000"],
    [{ low: -1, high: 0 }, "17~edited~4294967295"],
    [1_790_000_000, "17~edited~1790000000"],
    ["0179", "17~edited~0179"],
    [{ low: "1" }, "17~edited"],
    [undefined, "17~edited"],
  ])("have a new id for an edit at the time %j", (timestamp, idMessage) => {
    const edit = acting("editedMessage", { editedMessageData: { stanzaId: 17 } });
    expect(strip({ ...edit, timestamp })).toMatchObject({ idMessage });
  });

  it("have a new id for an edit, even with a large webhook and a long id", () => {
    const idMessage = "1".repeat(255);
    const edit = acting("editedMessage", { editedMessageData: { textMessage: "new", stanzaId: idMessage } });
    const own = { idMessage: `${"1".repeat(237)}~edited~1790000000` };
    expect(strip({ ...edit, idMessage })).toMatchObject(own);
    expect(strip({ picture: "x".repeat(100_000), ...edit, idMessage })).toMatchObject(own);
  });

  it("contain only the type of a webhook that counts nothing", () => {
    const body = { typeWebhook: "newThing", instanceData: { idInstance: 1 }, text: "good morning", n: 1 };
    expect(strip(body)).toEqual({ typeWebhook: "newThing", instanceData: { idInstance: 1 } });
  });

  it("contain the structure and the numbers of a body without a type", () => {
    const body = {
      what: "news",
      deep: [{ picture: "x".repeat(100_000) }],
      n: 7,
      instanceData: { idInstance: 1, wid: "7@c.us" },
    };
    expect(strip(body)).toEqual({ what: "***", deep: [{ picture: "***" }], n: 7, instanceData: { idInstance: 1 } });
  });

  it("keep values of a wrong type invalid", () => {
    const body = {
      typeWebhook: "incomingMessageReceived",
      messageData: "text",
      senderData: ["x"],
      idMessage: { a: "A" },
    };
    expect(strip(body)).toEqual({ ...body, messageData: "***", senderData: [], idMessage: {} });
  });

  const junk: Readonly<Record<string, string>> = {
    numbers: `[${"1,".repeat(100_000)}1]`,
    "nesting too deep for recursion": "[".repeat(100_000) + "]".repeat(100_000),
    fields: `{${Array.from({ length: 100_000 }, (_, i) => `"k${String(i)}":1`).join()}}`,
    "the maximum size that is parsed": "[".repeat(30_000) + "]".repeat(30_000),
    text: JSON.stringify("+7 900 123-45-67 ".repeat(10_000)),
  };

  it.each(Object.entries(junk))("are a few kB of valid JSON for an unknown body: %s", (_, text) => {
    for (const body of [`[${text}]`, `{"a":${text}}`, `{"typeWebhook":"newThing","x":[${text},${text}]}`])
      for (const pseudonyms of [undefined, new Pseudonyms("a".repeat(32))]) {
        const kept = withoutContent(body, parseWebhookText(body), pseudonyms);
        expect(kept.length).toBeLessThan(8_000);
        expect(JSON.parse(kept)).toBeTruthy();
      }
  });

  it.each(Object.entries(junk))("contain everything that is counted beside %s", (_, text) => {
    const status = { ...STATUS, instanceData: { idInstance: 1101000001 } };
    const message = { ...MESSAGE, senderData: { chatId: "7@c.us" }, messageData: { typeMessage: "imageMessage" } };
    for (const counted of [status, message]) {
      const json = JSON.stringify(counted);
      for (const body of [`{"x":${text},${json.slice(1)}`, `${json.slice(0, -1)},"x":${text}}`]) {
        const kept = withoutContent(body, parseWebhookText(body));
        expect(kept.length).toBeLessThan(8_000);
        expect(JSON.parse(kept)).toMatchObject(counted);
      }
    }
  });

  it.each(Object.entries(junk))(
    "contain the counted fields of a pulled webhook, and can be stringified: %s",
    (_, text) => {
      for (const chars of [10, 10_000]) {
        const body = `{"x":${text},"pad":"${"x".repeat(chars)}",${JSON.stringify(STATUS).slice(1)}`;
        const pulled = JSON.stringify(parseNotificationText(`{"body":${body},"receiptId":7}`));
        expect(JSON.parse(pulled)).toMatchObject({ receiptId: 7, body: STATUS });
      }
    },
  );

  it.each([10, 3_000, 100_000])("are read from JSON in a string, with a picture of %d characters", (chars) => {
    const text = JSON.stringify({ picture: "x".repeat(chars), ...STATUS, instanceData: { idInstance: 1 } });
    for (const given of [text, { receiptId: 7, body: text }, [text, { receiptId: 7, body: text }]]) {
      const body = JSON.stringify(given);
      const kept: unknown = JSON.parse(`[${withoutContent(body, parseWebhookText(body))}]`);
      expect(kept).toMatchObject(Array.isArray(given) ? [STATUS, STATUS] : [STATUS]);
    }
    const pulled = parseNotificationText(JSON.stringify({ receiptId: 7, body: text }));
    const { body } = { body: undefined, ...(pulled as object) };
    expect(typeof body === "string" ? JSON.parse(body) : body).toMatchObject(STATUS);
  });

  it("keep all digits of ids beyond 2^53, for any length of the webhook", () => {
    for (const chars of [10, 10_000, 100_000]) {
      const text = `{"typeWebhook":"x","x":"${"x".repeat(chars)}","instanceData":{"idInstance":12345678901234567890}}`;
      const kept = parseWebhookText(withoutContent(text, parseWebhookText(text)));
      expect(webhookInstance(kept)).toBe("12345678901234567890");
    }
  });
});

const STATUS = {
  typeWebhook: "outgoingMessageStatus",
  timestamp: 1_700_000_000,
  idMessage: "A",
  status: "failed",
  chatId: "7@c.us",
  sendByApi: true,
  description: "no account",
};
const MESSAGE = { typeWebhook: "incomingMessageReceived", timestamp: 1_700_000_000, idMessage: "A" };
