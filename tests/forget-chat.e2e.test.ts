import { Redis } from "ioredis";
import { beforeAll, describe, expect, it } from "vitest";
import { CHAT_KIND_INDIVIDUAL } from "../packages/core/src/index.ts";
import { packChatId } from "../packages/redis/src/records/chat-codec.ts";
import { chatDeletedAnswer } from "../packages/schemas/src/index.ts";
import { generatedDay } from "./support/day.ts";
import { Gateway } from "./support/gateway.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { orderIndependentPart } from "./support/oracle.ts";
import { statusOf, textIn } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";

const day = generatedDay({ size: 500, messages: 200, instanceCount: 2, seed: 5 });
const [first = "", second = ""] = day.instances;
const NUMBER = "79995550123";
const CHAT = `${NUMBER}@c.us`;
const OTHER = "79995550999@c.us";

const webhooks = [
  textIn(CHAT, "incoming", first, "IN"),
  textIn(CHAT, "api", first, "OUT"),
  statusOf(first, "OUT", "sent", { chatId: CHAT }),
  statusOf(first, "BROKEN", "failed", { chatId: CHAT, description: `Uploader Error for ${CHAT}` }),
  textIn("status@broadcast", "api", first, "STORY"),
  statusOf(first, "STORY", "read", { chatId: CHAT }),
  statusOf(first, "STORY", "read", { chatId: OTHER }),
  textIn(OTHER, "incoming", first, "IN2"),
  textIn(CHAT, "incoming", second, "ELSEWHERE"),
];

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
  await new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 8 }).deliver(day.webhooks);
  await system.acceptInOrder(...webhooks, statusOf(first, "ODD", "shredded", { chatId: CHAT }));
}, 90_000);

const forget = async (instance: string, chatId: string) =>
  answerBody(
    chatDeletedAnswer,
    await system.send("DELETE", `/instances/${instance}/chats/${encodeURIComponent(chatId)}`),
  );

describe("DELETE /instances/:name/chats/:chatId", () => {
  it("removes the id from Redis, and changes only the counts of unique chats and contacts", async () => {
    const before = await system.metrics(first);
    expect(mentions(await allKeys(first))).toBe(true);
    expect(await forget(first, CHAT)).toMatchObject({ messages: 3, recipients: 1, quarantined: 1 });
    expect(mentions(await allKeys(first))).toBe(false);
    const after = await system.metrics(first);
    const forgotten = { uniqueChats: before.uniqueChats - 1, uniqueContacts: before.uniqueContacts - 1 };
    expect(orderIndependentPart(after)).toEqual(orderIndependentPart({ ...before, ...forgotten }));
  });

  it("removes the chat from its messages, and changes nothing else", async () => {
    expect(await system.message(first, "OUT")).toMatchObject({
      chatId: null,
      status: "sent",
      origin: "api",
      type: "text",
    });
    expect(await system.message(first, "BROKEN")).toMatchObject({ chatId: null, reason: "uploader_error" });
    expect(await system.message(first, "BROKEN")).not.toHaveProperty("description");
    const story = await system.message(first, "STORY");
    expect(story?.recipients?.map(({ chatId }) => chatId)).toEqual([OTHER]);
    expect(await system.message(first, "IN2")).toMatchObject({ chatId: OTHER });
    expect(await system.message(second, "ELSEWHERE")).toMatchObject({ chatId: CHAT });
    const journal = await system.get(`/waInstance${first}/lastOutgoingMessages/account-token-of-the-tests`);
    expect(journal.text).not.toContain(NUMBER);
  });

  it("is permanent if webhooks of these messages arrive late or again; a new message counts the chat again", async () => {
    const before = await system.metrics(first);
    await system.acceptInOrder(
      statusOf(first, "OUT", "delivered", { chatId: CHAT }),
      textIn(CHAT, "incoming", first, "IN"),
      textIn(CHAT, "api", first, "OUT"),
    );
    expect(mentions(await allKeys(first))).toBe(false);
    expect((await system.metrics(first)).uniqueChats).toBe(before.uniqueChats);
    expect(await system.message(first, "OUT")).toMatchObject({ chatId: null, status: "delivered" });
    await system.acceptInOrder(textIn(CHAT, "incoming", first, "NEW"));
    expect((await system.metrics(first)).uniqueChats).toBe(before.uniqueChats + 1);
    // A phone number as people write it is accepted.
    expect(await forget(first, "+7 (999) 555-01-23")).toMatchObject({ messages: 1 });
    expect(await forget(first, NUMBER)).toMatchObject({ messages: 0 });
    expect((await system.metrics(first)).uniqueChats).toBe(before.uniqueChats);
  });

  it("is available to the account for a known instance, and succeeds for an unknown chat", async () => {
    const token = await new Administrator(system).newToken(first);
    expect((await system.send("DELETE", `/instances/${first}/chats/${CHAT}`, undefined, { token })).status).toBe(403);
    expect((await system.send("DELETE", `/instances/nobody/chats/${CHAT}`)).status).toBe(404);
    expect((await system.send("DELETE", `/instances/${first}/chats/%20`)).status).toBe(400);
    expect(await forget(first, "1@c.us")).toMatchObject({ messages: 0, recipients: 0, quarantined: 0 });
    for (const app of ["ingest", "worker", "api"] as const) expect(system.output(app)).not.toContain(NUMBER);
  });
});

function mentions(content: Buffer): boolean {
  return content.includes(NUMBER) || content.includes(packChatId(CHAT, CHAT_KIND_INDIVIDUAL));
}

/** The names and contents of all keys, except those of other instances. */
async function allKeys(instance: string): Promise<Buffer> {
  const redis = new Redis(system.redisUrl);
  const parts: Buffer[] = [];
  const others = day.instances.filter((id) => id !== instance);
  for (const key of await redis.keys("*")) {
    if (others.some((id) => key.includes(`{${id}}`))) continue;
    const read = READ[await redis.type(key)] ?? [];
    const reply: unknown = read.length === 0 ? [] : await redis.callBuffer(read[0] ?? "", key, ...read.slice(1));
    parts.push(
      Buffer.from(key),
      ...[reply].flat(9).map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part)))),
    );
  }
  redis.disconnect();
  expect(parts.length).toBeGreaterThan(100);
  return Buffer.concat(parts);
}

const READ: Readonly<Record<string, readonly string[]>> = {
  string: ["GET"],
  hash: ["HGETALL"],
  list: ["LRANGE", "0", "-1"],
  set: ["SMEMBERS"],
  zset: ["ZRANGE", "0", "-1"],
  stream: ["XRANGE", "-", "+"],
};
