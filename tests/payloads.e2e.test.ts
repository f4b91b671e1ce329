import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ACTIONS, MESSAGES } from "./fixtures/message-data.ts";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";
import { CHAT, freshInstance, GROUP, nowSeconds, observation, statusOf, textIn } from "./support/webhooks.ts";

const DAY = 86_400;

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

describe("types of messages", () => {
  it.each(MESSAGES)(
    "$messageData.typeMessage counts as $type, received, sent by phone and through the API",
    async (row) => {
      const instance = freshInstance();
      await system.accept(
        observation("incoming", instance, "IN", row.messageData),
        observation("phone", instance, "PHONE", row.messageData),
        observation("api", instance, "API", row.messageData),
      );
      const isMedia = ["image", "video", "audio", "document", "sticker"].includes(row.type);
      expect(await system.counted(instance)).toMatchObject({
        totalMessages: 3,
        messagesReceived: 1,
        messagesSent: 2,
        messagesSentByApi: 1,
        messagesByType: { [row.type]: 3, unknown: 0 },
        messagesWithMedia: isMedia ? 3 : 0,
        ...(isMedia ? { mediaByType: { [row.type]: 3 } } : {}),
        messagesByStatus: { pending: 2 },
        actions: { edited: 0, deleted: 0, reaction: 0, pollUpdate: 0 },
      });
      const samples = await system.prometheus();
      const ours = { wa_instance: instance };
      expect(samples.sum("ticktally_messages_total", ours)).toBe(3);
      for (const origin of ["api", "phone"])
        expect(samples.value("ticktally_messages_total", { ...ours, direction: "outgoing", origin })).toBe(1);
      expect(samples.sum("ticktally_messages_by_type_total", { ...ours, type: row.type })).toBe(3);
      expect(samples.sum("ticktally_messages_by_type_total", ours)).toBe(3);
      expect(samples.sum("ticktally_messages_unattributed", ours)).toBe(0);
    },
  );

  it.each(ACTIONS)("$messageData.typeMessage is an action, not a message", async ({ type, messageData }) => {
    const instance = freshInstance();
    await system.acceptInOrder(
      observation("incoming", instance, "IN", messageData),
      observation("api", instance, "OUT", messageData),
      statusOf(instance, "OUT", "sent"),
      statusOf(instance, "OUT", "delivered"),
    );
    expect(await system.counted(instance)).toMatchObject({
      totalMessages: 0,
      messagesByStatus: { pending: 0, sent: 0, delivered: 0 },
      reached: { api: { sent: 0, delivered: 0 } },
      actions: { [type]: 2 },
      uniqueChats: 0,
      firstMessageAt: null,
      lastMessageAt: null,
    });
    expect((await system.prometheus()).sum("ticktally_messages_total", { wa_instance: instance })).toBe(0);
  });

  it("an observation without senderData or typeMessage is a message of unknown type and chat", async () => {
    const instance = freshInstance();
    const bare = observation("incoming", instance, "IN", {}, { senderData: undefined });
    await system.accept(bare);
    expect(await system.counted(instance)).toMatchObject({
      messagesReceived: 1,
      messagesByType: { unknown: 1 },
      messagesByChatKind: { unknown: 1 },
      uniqueChats: 0,
    });
  });
});

describe("chats", () => {
  it.each([
    ["79001234567@c.us", "79001234567@c.us", "individual"],
    ["79001234567:3@c.us", "79001234567@c.us", "individual"],
    ["79001234567@s.whatsapp.net", "79001234567@c.us", "individual"],
    ["123456789012345@lid", "123456789012345@lid", "individual"],
    ["120363347693198097@g.us", "120363347693198097@g.us", "group"],
    ["79876543210-1586700690@g.us", "79876543210-1586700690@g.us", "group"],
    ["120363000000000000@newsletter", "120363000000000000@newsletter", "channel"],
    ["status@broadcast", "status@broadcast", "status"],
  ])("%s is counted as %s, a chat of kind %s", async (given, chatId, kind) => {
    const instance = freshInstance();
    await system.accept(
      textIn(given, "incoming", instance, "IN"),
      statusOf(instance, "OUT", "read", { chatId: given }),
    );
    const [isGroup, isIndividual] = [kind === "group", kind === "individual"];
    expect(await system.counted(instance)).toMatchObject({
      groupMessages: isGroup ? 2 : 0,
      individualMessages: isIndividual ? 2 : 0,
      messagesByChatKind: { [kind]: 2 },
      uniqueChats: 1,
      uniqueGroups: isGroup ? 1 : 0,
      uniqueContacts: isIndividual ? 1 : 0,
    });
    expect((await system.message(instance, "IN"))?.chatId).toBe(chatId);
    expect((await system.message(instance, "OUT"))?.chatId).toBe(chatId);
  });

  it("all spellings of a number are one contact", async () => {
    const instance = freshInstance();
    for (const [i, chat] of ["79001@c.us", "79001:3@c.us", "79001@s.whatsapp.net", "79001:12@s.whatsapp.net"].entries())
      await system.accept(textIn(chat, "incoming", instance, `IN${i}`));
    expect(await system.counted(instance)).toMatchObject({ individualMessages: 4, uniqueChats: 1, uniqueContacts: 1 });
  });

  it("a message with a number in one webhook and a hidden number in the next is one message under the number", async () => {
    const instance = freshInstance();
    await system.accept(
      statusOf(instance, "OUT", "sent", { chatId: "123456789012345@lid" }),
      textIn(CHAT, "api", instance, "OUT"),
    );
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, individualMessages: 1 });
    expect((await system.message(instance, "OUT"))?.chatId).toBe(CHAT);
  });
});

describe("the time of a message", () => {
  it("messages of the last 7 and 30 days are counted by the time of the event", async () => {
    const instance = freshInstance();
    const now = nowSeconds();
    for (const ago of [7200, 6 * DAY, 8 * DAY, 29 * DAY, 31 * DAY])
      await system.accept(observation("incoming", instance, `IN${ago}`, undefined, { timestamp: now - ago }));
    expect(await system.counted(instance)).toMatchObject({
      totalMessages: 5,
      messagesLast7Days: 2,
      messagesLast30Days: 4,
      firstMessageAt: new Date((now - 31 * DAY) * 1000).toISOString(),
      lastMessageAt: new Date((now - 7200) * 1000).toISOString(),
    });
  });

  it.each([
    ["in milliseconds", () => Date.now()],
    ["two days ahead", () => nowSeconds() + 2 * DAY],
    ["missing", () => undefined],
  ])("with the timestamp %s is its time of receipt", async (_, timestamp) => {
    const instance = freshInstance();
    const before = nowSeconds();
    await system.accept(
      observation("api", instance, "OUT", undefined, { timestamp: timestamp() }),
      statusOf(instance, "OUT", "sent", { timestamp: timestamp() }),
    );
    const { messagesLast7Days, firstMessageAt } = await system.counted(instance);
    expect(messagesLast7Days).toBe(1);
    const times = [firstMessageAt, (await system.message(instance, "OUT"))?.timeline[0]?.at];
    for (const time of times) {
      expect(Date.parse(time ?? "") / 1000).toBeGreaterThanOrEqual(before);
      expect(Date.parse(time ?? "") / 1000).toBeLessThanOrEqual(nowSeconds());
    }
  });
});

describe("ids", () => {
  it.each(["18014398509481985", "9223372036854775807", "18446744073709551615"])(
    "idInstance %s, a JSON number beyond 2^53, is counted under exactly that id",
    async (id) => {
      await system.accept(
        JSON.stringify(statusOf("0", "3EB0", "sent")).replace('"idInstance":0', `"idInstance":${id}`),
      );
      expect((await system.counted(id)).messagesSent).toBe(1);
      const neighbours = [`${id.slice(0, -1)}4`, `${id.slice(0, -1)}6`, String(Number(id))];
      for (const other of neighbours) expect((await system.get(`/metrics/${other}`)).status).toBe(404);
    },
  );

  it("a numeric idMessage beyond 2^53 keeps all digits", async () => {
    const instance = freshInstance();
    await system.accept(JSON.stringify(statusOf(instance, "X", "sent")).replace('"X"', "18014398509481985"));
    await system.drained();
    expect((await system.message(instance, "18014398509481985"))?.status).toBe("sent");
  });

  it("ids that differ only in case are two messages, and so is one id in two instances", async () => {
    const [a, b] = [freshInstance(), freshInstance()];
    await system.accept(statusOf(a, "3EB0", "sent"), statusOf(a, "3eb0", "sent"), statusOf(b, "3EB0", "sent"));
    expect((await system.counted(`${a},${b}`)).messagesSent).toBe(3);
  });
});

describe("several instances", () => {
  it("are summed; repeated names count once, and spaces around commas are allowed", async () => {
    const [a, b] = [freshInstance(), freshInstance()];
    await system.accept(
      textIn(GROUP, "incoming", a, "IN"),
      observation("api", a, "OUT", undefined, { timestamp: nowSeconds() - 40 * DAY }),
      observation("phone", b, "OUT"),
      statusOf(b, "OUT", "delivered", { sendByApi: false }),
    );
    const single = [await system.counted(a), await system.metrics(b)];
    for (const names of [a, `${a},${a}`]) expect((await system.metrics(names)).union).toBeUndefined();
    for (const names of [`${a},${b}`, ` ${a} , ${b},`, `${b},${a},${b},${a}`]) {
      const sum = await system.metrics(names);
      expect(sum).toMatchObject({
        totalMessages: 3,
        messagesReceived: 1,
        messagesSent: 2,
        groupMessages: 1,
        messagesByStatus: { pending: 1, delivered: 1 },
        reached: { phone: { sent: 1, delivered: 1 }, api: { sent: 0 } },
        messagesLast7Days: 2,
        messagesLast30Days: 2,
        firstMessageAt: single[0]?.firstMessageAt,
        uniqueChats: 3,
        // Both instances have written to the same person.
        union: { uniqueChats: 2, uniqueGroups: 1, uniqueContacts: 1 },
      });
      expect(new Set(sum.instance.split(",").map((name) => name.trim()))).toEqual(new Set([a, b]));
    }
  });
});

describe("bulk and privacy", () => {
  it("a webhook with a thumbnail of 2 MiB is accepted and counted", async () => {
    const instance = freshInstance();
    const data = { typeMessage: "imageMessage", fileMessageData: { jpegThumbnail: "A".repeat(2 * 1024 * 1024) } };
    await system.accept(observation("incoming", instance, "IN", data));
    expect(await system.counted(instance)).toMatchObject({ messagesByType: { image: 1 }, messagesWithMedia: 1 });
  });

  const [text, name, number] = ["very private words", "Erika Mustermann", "4915112345678"];
  const from = { chatId: `${number}@c.us`, sender: `${number}@c.us`, senderName: name, chatName: name };
  const data = { typeMessage: "textMessage", textMessageData: { textMessage: text } };

  it.each<[string, object]>([
    ["as usual", { senderData: from }],
    // Occurs with deleted messages of the own account; some languages write `null` for missing fields.
    ["without senderData", { senderData: undefined }],
    ["with senderData null", { senderData: null }],
    ["that cannot be counted because it has no id", { idMessage: undefined }],
  ])("the text and the name of a message %s are never stored in Redis", async (_, more) => {
    const instance = freshInstance();
    await system.accept(observation("incoming", instance, "IN", data, more), statusOf(instance, "OUT", "sent"));
    await system.drained();
    const folder = join(system.dir, "redis", "appendonlydir");
    const files = (await readdir(folder)).map(async (file) => readFile(join(folder, file), "latin1"));
    const stored = (await Promise.all(files)).join("");
    const webhooks = stored.split("\n").filter((line) => line.includes(instance));
    expect(webhooks).not.toEqual([]);
    for (const secret of [text, name]) expect(webhooks.filter((line) => line.includes(secret))).toEqual([]);
    expect(stored.includes(WEBHOOK_TOKEN)).toBe(false);
  });
});
