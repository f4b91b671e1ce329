import { request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StubGateway } from "./support/stub-gateway.ts";
import { Administrator } from "./support/instances.ts";
import { until } from "./support/until.ts";
import { freshInstance, nowSeconds } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

/** Cases that GREEN-API's users reported, tested from the webhook to REST. Each kind is also in the adapter's table tests. */

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const AT = nowSeconds() - 600;
const PERSON = "79000000009@c.us";

function account(idInstance: string, typeInstance = "whatsapp") {
  return { instanceData: { idInstance: Number(idInstance), wid: "79990000009@c.us", typeInstance }, timestamp: AT };
}

function status(instance: string, idMessage: string, fields: object = {}, product = "whatsapp"): object {
  const typeWebhook = "outgoingMessageStatus";
  const base = { typeWebhook, ...account(instance, product), chatId: PERSON, idMessage };
  return { ...base, status: "delivered", sendByApi: true, ...fields };
}

function message(instance: string, idMessage: string, chat: object, typeMessage = "textMessage", product = "whatsapp") {
  const typeWebhook = "outgoingAPIMessageReceived";
  return { typeWebhook, ...account(instance, product), idMessage, senderData: chat, messageData: { typeMessage } };
}

/** Send a GET request with a body, which `fetch` does not allow. */
async function withBody(url: string, body: object): Promise<unknown> {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (res) => {
      json(res).then(resolve, reject);
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

describe("a webhook of GREEN-API's family", () => {
  it("with Suspended leaves the message waiting, as yellowCard does", async () => {
    const instance = freshInstance();
    await system.accept(status(instance, "S9", { status: "Suspended" }));
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, messagesByStatus: { yellowCard: 1 } });
    expect(await system.message(instance, "S9")).toMatchObject({ status: "yellowCard" });
  });

  it("from a Telegram group counts as a group message", async () => {
    const instance = freshInstance();
    const senderData = { chatId: "-1001234500001", sender: "10000009", chatType: "supergroup" };
    const webhook = message(instance, "1790000000100", senderData, "textMessage", "telegram");
    await system.accept({ ...webhook, typeWebhook: "incomingMessageReceived" });
    expect(await system.counted(instance)).toMatchObject({ groupMessages: 1, individualMessages: 0, uniqueGroups: 1 });
  });

  it("from a Telegram group is not recorded if groups are ignored", async () => {
    const instance = freshInstance();
    await new Administrator(system).create({ idInstance: instance, settings: { ignoreGroupMessages: true } });
    const senderData = { chatId: "-1001234500001" };
    await system.accept(message(instance, "1790000000101", senderData, "textMessage", "telegram"));
    await system.accept(status(instance, "1790000000101", senderData, "telegram"));
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 0 });
  });

  it("with the same message id in two Telegram chats counts as two messages", async () => {
    const instance = freshInstance();
    const id = "1790000000200";
    for (const [chatId, word] of [
      ["10000011", "delivered"],
      ["10000012", "failed"],
    ] as const)
      await system.accept(
        message(instance, id, { chatId }, "textMessage", "telegram"),
        status(instance, id, { chatId, status: word }, "telegram"),
      );
    const { totalMessages, messagesByStatus } = await system.counted(instance);
    expect([totalMessages, messagesByStatus.delivered, messagesByStatus.failed]).toEqual([2, 1, 1]);
    const one = await system.get(`/messages/${instance}/${id}?chatId=10000012`);
    expect(one.text).toContain('"status":"failed"');
    expect((await system.get(`/messages/${instance}/${id}`)).status).toBe(409);
  });

  it("after a placeholder sets the type of the message", async () => {
    const instance = freshInstance();
    const placeholder = { typeMessage: "textMessage", textMessageData: { textMessage: "{{SWE001}}" } };
    await system.accept({ ...message(instance, "P9", { chatId: PERSON }), messageData: placeholder });
    expect((await system.counted(instance)).messagesByType).not.toMatchObject({ text: 1 });
    await system.accept(message(instance, "P9", { chatId: PERSON }, "videoMessage"));
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, messagesByType: { video: 1 } });
  });

  it("after a placeholder with the other text type sets the type of the message", async () => {
    const instance = freshInstance();
    const placeholder = { typeMessage: "extendedTextMessage", extendedTextMessageData: { text: "{{SWE999}}" } };
    const incoming = { typeWebhook: "incomingMessageReceived" };
    await system.accept({ ...message(instance, "P8", { chatId: PERSON }), ...incoming, messageData: placeholder });
    await system.accept({ ...message(instance, "P8", { chatId: PERSON }, "imageMessage"), ...incoming });
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, messagesByType: { image: 1, text: 0 } });
  });

  it.each([
    ["waba", "120363000000000001@g.us"],
    ["v3", "-70000000000001"],
    ["telegram", -1001234500001],
  ])("from a group of %s counts as a group message: %j", async (product, chatId) => {
    const instance = freshInstance();
    await system.accept(message(instance, "G9", { chatId }, "textMessage", product));
    await system.accept(status(instance, "G9", { chatId }, product));
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, groupMessages: 1, uniqueGroups: 1 });
  });

  it("with an empty list of recipients counts as one message", async () => {
    const instance = freshInstance();
    const webhook = { ...message(instance, "R9", { chatId: PERSON }), typeWebhook: "incomingMessageReceived" };
    await system.accept({ ...webhook, recipients: [] });
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, messagesReceived: 1 });
  });

  it("with a status in other capitals, or of 2021, counts as the current status", async () => {
    const instance = freshInstance();
    const words = ["DELIVERED", "Read", "fail", "NOACCOUNT"];
    await system.accept(...words.map((word, place) => status(instance, `W${String(place)}`, { status: word })));
    const { messagesByStatus } = await system.counted(instance);
    expect(messagesByStatus).toMatchObject({ delivered: 1, read: 1, failed: 1, noAccount: 1 });
  });

  it("in a list, or as JSON in a string, counts like a single one", async () => {
    const instance = freshInstance();
    const wrapped = { receiptId: 9, body: JSON.stringify(status(instance, "L3")) };
    await system.accept([status(instance, "L1"), status(instance, "L2")], wrapped);
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 3, messagesByStatus: { delivered: 3 } });
  });

  it.each([0, "", null])("with the time %j counts at its time of receipt", async (timestamp) => {
    const instance = freshInstance();
    const before = nowSeconds();
    await system.accept(status(instance, "T0", { timestamp }));
    await system.drained();
    const [event] = (await system.message(instance, "T0"))?.timeline ?? [];
    expect(Date.parse(event?.at ?? "") / 1000).toBeGreaterThanOrEqual(before);
  });

  it("to a broadcast list is not a story", async () => {
    const instance = freshInstance();
    await system.accept(message(instance, "B9", { chatId: "1790000001@broadcast" }));
    const { messagesByChatKind } = await system.counted(instance);
    expect(messagesByChatKind).toMatchObject({ broadcast: 1, status: 0, individual: 0 });
  });

  it("from several devices of a person counts as one contact", async () => {
    const instance = freshInstance();
    const chats = ["79000000009.0:12@s.whatsapp.net", "79000000009:3@c.us", "79000000009@c.us"];
    await system.accept(...chats.map((chatId, place) => status(instance, `D${String(place)}`, { chatId })));
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 3, uniqueContacts: 1 });
  });

  it("may have its time in two halves, or the envelope of a pulled notification", async () => {
    const instance = freshInstance();
    const timestamp = { low: AT, high: 0, unsigned: true };
    await system.accept(status(instance, "T9", { timestamp }), { receiptId: 9, body: status(instance, "W9") });
    await system.drained();
    for (const id of ["T9", "W9"]) {
      const found = await system.message(instance, id);
      expect(found?.timeline.map(({ at }) => Date.parse(at) / 1000)).toEqual([AT]);
    }
  });

  it.each([
    ["an empty status", { status: "" }],
    ["a status of spaces", { status: "  " }],
    ["a status that is null", { status: null }],
    ["a status of an incoming message", { typeWebhook: "incomingMessageStatus" }],
  ])("with %s updates the time of the last webhook, and nothing else", async (_, fields) => {
    const instance = freshInstance();
    const quarantined = async () => JSON.parse((await system.get(`/quarantine?instance=${instance}`)).text) as object;
    await system.accept(status(instance, "E9", fields));
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 0 });
    expect(await quarantined()).toMatchObject({ entries: [] });
  });
});

describe("a journal of GREEN-API", () => {
  let stub: StubGateway;
  beforeAll(async () => {
    stub = await StubGateway.start();
  });
  afterAll(async () => stub?.stop());

  async function reconciled(
    outgoing: readonly object[],
    incoming: readonly object[],
    instance = freshInstance(),
  ): Promise<string> {
    stub.of(instance).outgoing.push(...outgoing);
    stub.of(instance).incoming.push(...incoming);
    const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token", reconcileEveryMinutes: 0 };
    await new Administrator(system).create({ idInstance: instance, settings: { upstream } });
    await system.send("POST", `/instances/${instance}/reconcile`, {});
    await until("the journals are read", async () => {
      const { text } = await system.get(`/instances/${instance}/reconcile`);
      return !text.includes('"lastRun":null');
    });
    await system.drained();
    return instance;
  }

  const element = { timestamp: AT, typeMessage: "textMessage", chatId: PERSON };

  it("repairs lost messages without a direction, and accepts the newer status", async () => {
    const read = { ...element, idMessage: "J9", statusMessage: "read", sendByApi: true };
    const instance = await reconciled([read, { ...read, idMessage: "J8", statusMessage: "suspended" }], []);
    expect(await system.message(instance, "J9")).toMatchObject({ status: "read", origin: "api", type: "text" });
    expect(await system.message(instance, "J8")).toMatchObject({ status: "yellowCard" });
  });

  it("is read even if the other journal cannot be read", async () => {
    const failing = freshInstance();
    stub.of(failing).misbehaviours.set("lastOutgoingMessages", "no JSON");
    await reconciled([], [{ ...element, type: "incoming", idMessage: "M8" }], failing);
    expect(await system.counted(failing)).toMatchObject({ totalMessages: 1, messagesReceived: 1 });
    const { text } = await system.get(`/instances/${failing}/reconcile`);
    expect(text).toContain('"outcome":"unreadable"');
  });

  it("with a placeholder leaves the type unknown, and counts each message once per chat", async () => {
    const placeholder = { ...element, idMessage: "P7", statusMessage: "Delivered", sendByApi: true };
    const scoped = { ...placeholder, idMessage: "1790000000200", textMessage: "hello" };
    const instance = await reconciled(
      [
        { ...placeholder, textMessage: "{{SWE999}}" },
        { ...scoped, chatId: "10000011" },
        { ...scoped, chatId: 10000012 },
      ],
      [{ ...element, type: "incoming", idMessage: "B7", typeMessage: "incomingBlock" }],
    );
    const { totalMessages, messagesByType, messagesByStatus } = await system.counted(instance);
    expect([totalMessages, messagesByType.text, messagesByStatus.delivered]).toEqual([3, 2, 3]);
  });

  it("does not count calls", async () => {
    const call = { ...element, type: "incoming", idMessage: "C9", typeMessage: "incomingCall" };
    const instance = await reconciled([], [call, { ...element, type: "incoming", idMessage: "M9" }]);
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, messagesReceived: 1 });
  });
});

describe("GREEN-API's own calls", () => {
  it("accept their parameters in a body, and are also available under /v3", async () => {
    const instance = freshInstance();
    await system.accept(message(instance, "OLD", { chatId: PERSON }));
    await system.drained();
    const path = `/waInstance${instance}/lastOutgoingMessages/${ACCOUNT_TOKEN}`;
    expect(await withBody(system.apiOrigin + path, { minutes: 60 })).toMatchObject([{ idMessage: "OLD" }]);
    expect(await withBody(`${system.apiOrigin}/v3${path}`, { minutes: 1 })).toEqual([]);
    const statistic = `/v3/waInstance${instance}/getStatusStatistic/${ACCOUNT_TOKEN}`;
    expect(await withBody(system.apiOrigin + statistic, { idMessage: "NONE" })).toEqual([]);
    const [chatA, chatB] = [10000011, 10000012];
    for (const [chatId, word] of [
      [chatA, "delivered"],
      [chatB, "read"],
    ])
      await system.accept(status(instance, "1790000000200", { chatId, status: word }, "telegram"));
    await system.drained();
    for (const [chatId, word] of [
      [String(chatA), "delivered"],
      [String(chatB), "read"],
    ])
      expect(await withBody(system.apiOrigin + statistic, { idMessage: 1790000000200, chatId })).toMatchObject([
        { participant: chatId, status: word },
      ]);
    const unknown = await withBody(`${system.apiOrigin}/v3/waInstance${instance}/sendMessage/${ACCOUNT_TOKEN}`, {});
    expect(unknown).toEqual({ message: expect.stringContaining("Unknown method") as string });
  });
});
