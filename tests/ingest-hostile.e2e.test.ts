import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";
import { RawConnection, rawPost } from "./support/raw-http.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

const PATH = "/webhooks/green-api";
const AUTHENTIC = { authorization: `Bearer ${WEBHOOK_TOKEN}` };
/** An int64 that JSON.parse cannot represent exactly, so that the exact parser has to read the body. */
const HUGE_ID = "18014398509481985";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const quarantined = async () => (await system.prometheus()).value("ticktally_quarantine_size");

/** After every test the apps still run and count a normal webhook. */
afterEach(async () => {
  const instance = freshInstance();
  await system.accept(statusOf(instance, "M", "sent"));
  expect((await system.counted(instance)).messagesSent).toBe(1);
});

describe("one connection", () => {
  const good = (instance: string, id: string) =>
    rawPost(PATH, JSON.stringify(statusOf(instance, id, "sent")), AUTHENTIC);

  it("stays usable after every refusal that leaves the body readable", async () => {
    const instance = freshInstance();
    const connection = await RawConnection.open(system.ingestPort);
    const refused = [
      rawPost(PATH, '{"a":1}', { authorization: "wrong" }),
      rawPost(PATH, "{", AUTHENTIC),
      rawPost("/nowhere", '{"a":1}', AUTHENTIC),
      rawPost(PATH, "a=1", { ...AUTHENTIC, "content-type": "application/x-www-form-urlencoded" }),
      rawPost(PATH, "", AUTHENTIC),
    ];
    const statuses: number[] = [];
    for (const [i, post] of refused.entries()) {
      connection.write(post + good(instance, `M${i}`));
      statuses.push(...(await connection.answers(2)).map(({ status }) => status));
    }
    connection.close();
    expect(statuses).toEqual([401, 200, 400, 200, 404, 200, 415, 200, 400, 200]);
    expect((await system.counted(instance)).messagesSent).toBe(5);
  });

  it("answers 200 pipelined webhooks in order, and counts each", async () => {
    const instance = freshInstance();
    const connection = await RawConnection.open(system.ingestPort);
    const posts = Array.from({ length: 200 }, (_, i) =>
      i % 10 === 9 ? rawPost(PATH, "{", AUTHENTIC) : good(instance, `M${i}`),
    );
    connection.write(posts.join(""));
    const statuses = (await connection.answers(200)).map(({ status }) => status);
    connection.close();
    expect(statuses).toEqual(posts.map((_, i) => (i % 10 === 9 ? 400 : 200)));
    expect((await system.counted(instance)).messagesSent).toBe(180);
  });

  it("answers a webhook that arrives byte by byte", async () => {
    const instance = freshInstance();
    const connection = await RawConnection.open(system.ingestPort);
    for (const byte of good(instance, "M")) connection.write(byte);
    expect((await connection.answers(1))[0]?.status).toBe(200);
    connection.close();
    expect((await system.counted(instance)).messagesSent).toBe(1);
  });

  it.each([
    ["data that is not HTTP", "hello\r\n\r\n"],
    ["two lengths", rawPost(PATH, "{}", { ...AUTHENTIC, "transfer-encoding": "chunked" })],
    ["a negative length", rawPost(PATH, "{}", { ...AUTHENTIC, "content-length": "-1" })],
    ["a header of 20 kB", rawPost(PATH, "{}", { ...AUTHENTIC, "x-long": "x".repeat(20_000) })],
    [
      "a bad chunk",
      `${rawPost(PATH, "", { ...AUTHENTIC, "content-length": "0" }).replace("content-length: 0", "transfer-encoding: chunked")}zz\r\n`,
    ],
  ])("%s is refused with a 4xx in JSON or disconnected, never with a 5xx", async (_, bytes) => {
    const connection = await RawConnection.open(system.ingestPort);
    connection.write(bytes);
    const [answer] = await connection.answers(1).catch(() => []);
    connection.close();
    if (answer === undefined) return;
    expect(String(answer.status)).toMatch(/^4\d\d$/);
    expect(JSON.parse(answer.body)).toMatchObject({ success: false });
  });

  it("a sender that disconnects in the middle of a body leaves no data", async () => {
    const before = await quarantined();
    const connection = await RawConnection.open(system.ingestPort);
    connection.write(good(freshInstance(), "M").slice(0, -5));
    connection.close();
    await system.drained();
    expect(await quarantined()).toBe(before);
  });
});

describe("malicious JSON", () => {
  it("__proto__ and constructor keys change nothing", async () => {
    const instance = freshInstance();
    const webhook = JSON.stringify(statusOf(instance, "M", "sent"));
    await system.accept(
      webhook.replace("{", '{"__proto__":{"status":"read","idMessage":"P","polluted":1},'),
      webhook.replace("{", '{"constructor":{"prototype":{"status":"read"}},'),
      webhook.replace('"instanceData":{', '"instanceData":{"__proto__":{"idInstance":5},'),
      '{"__proto__":{"typeWebhook":"outgoingMessageStatus"}}',
    );
    expect(await system.counted(instance)).toMatchObject({ totalMessages: 1, messagesByStatus: { sent: 1, read: 0 } });
  });

  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const deepObjects = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;

  it.each([
    ["arrays", deep],
    ["objects", deepObjects],
  ])("100,000 nested %s are accepted and quarantined", async (_, body) => {
    const before = await quarantined();
    await system.accept(body);
    await system.drained();
    expect(await quarantined()).toBe(before + 1);
  });

  it.each([
    ["arrays", deep],
    ["objects", deepObjects],
  ])("a message beside 100,000 nested %s is counted", async (_, nested) => {
    const instance = freshInstance();
    await system.accept(JSON.stringify(statusOf(instance, "M", "sent")).replace("{", `{"x":${nested},`));
    expect((await system.counted(instance)).messagesSent).toBe(1);
  });

  it("a message with deep nesting and an instance id beyond 2^53 is accepted", async () => {
    const webhook = JSON.stringify(statusOf("0", "M", "sent")).replace('"idInstance":0', `"idInstance":${HUGE_ID}`);
    expect((await system.post(webhook.replace("{", `{"x":${deep},`))).status).toBe(200);
  });

  // The gateway's documentation has an example with `timestamp` twice.
  it.each(["7103999999", HUGE_ID])("the last value of a duplicate key is used, for instance %s", async (id) => {
    const webhook = JSON.stringify(statusOf("0", `M${id}`, "sent")).replace('"idInstance":0', `"idInstance":${id}`);
    await system.accept(webhook.replace('"status":"sent"', '"status":"sent","status":"read"'));
    await system.drained();
    expect((await system.message(id, `M${id}`))?.status).toBe("read");
  });

  it.each([
    ["a NUL", "A\u0000B"],
    ["line breaks", "A\nB\r\nC"],
    ["a line separator", "A\u2028B"],
    ["an emoji", "👍🏽"],
    ["255 characters", "😀".repeat(127)],
    ["a slash and a percent", "a/b%2Fc?d#e"],
    ["the word __proto__", "__proto__"],
  ])("an idMessage with %s is counted and found under it", async (_, id) => {
    const instance = freshInstance();
    await system.accept(statusOf(instance, id, "sent"), statusOf(instance, id, "read"));
    expect((await system.counted(instance)).messagesByStatus).toMatchObject({ read: 1, sent: 0 });
    expect(await system.message(instance, id)).toMatchObject({ idMessage: id, status: "read" });
  });

  it("lone surrogates and broken UTF-8 are accepted and counted", async () => {
    const instance = freshInstance();
    const webhook = JSON.stringify(statusOf(instance, "M", "sent"));
    await system.accept(webhook.replace('"M"', '"lone \\ud800"'), webhook.replace(/79001234567@c.us/, "\\udfff@c.us"));
    const connection = await RawConnection.open(system.ingestPort);
    connection.write(rawPost(PATH, webhook.replace('"M"', '"broken \xff\xfe"'), AUTHENTIC));
    expect((await connection.answers(1))[0]?.status).toBe(200);
    connection.close();
    expect((await system.counted(instance)).messagesSent).toBe(3);
  });

  it.each([
    ["a timestamp of 0", { timestamp: 0 }],
    ["a timestamp with a fraction", { timestamp: 1727698517.75 }],
    ["a timestamp as text", { timestamp: "1727698517" }],
    ["a description of 100,000 characters", { status: "failed", description: "ü".repeat(100_000) }],
    ["a chat in an unknown format", { chatId: "@" }],
    ["an empty chat", { chatId: "" }],
    ["null for optional fields", { chatId: null, sendByApi: null, description: null, timestamp: null }],
  ])("%s is counted", async (_, more) => {
    const instance = freshInstance();
    await system.accept(statusOf(instance, "M", "sent", more));
    expect((await system.counted(instance)).messagesSent).toBe(1);
    expect(await system.message(instance, "M")).toBeDefined();
  });

  it.each(["1e999", "-0", "1e-400", "1E15"])(
    "the timestamp %s is counted or quarantined, and crashes nothing",
    async (number) => {
      const instance = freshInstance();
      const before = await quarantined();
      await system.accept(statusOf(instance, "M1", "sent"));
      const { messagesSent } = await system.counted(instance);
      await system.accept(
        JSON.stringify(statusOf(instance, "M2", "sent", { timestamp: 7 })).replace(":7,", `:${number},`),
      );
      const counted = (await system.counted(instance)).messagesSent - messagesSent;
      expect(counted + (await quarantined()) - before).toBe(1);
    },
  );
});
