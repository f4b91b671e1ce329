import { CHATS_OF_ID_MAX, messageOf, type MessageEvent } from "@ticktally/core";
import { applyTo, everything, HISTORY_START, MemoryMessageStore, NOW } from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { packPeriods, unpackPeriods } from "./instances/instance-epoch.ts";
import { INSTANCE_KEYS } from "./keys.ts";
import { testConnection, testKeys, testStore, type TestStore } from "./testing.ts";

const connections = [testConnection("worker"), testConnection("worker")] as const;
const keys = testKeys();
const [one, other] = connections.map((redis) => testStore(redis, { keys, retentionDays: 30 })) as [
  TestStore,
  TestStore,
];
let instances = 0;
const freshInstance = () => String(++instances);

afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

const chat = (n: number) => String(5_000_000_000 + n);

function status(idMessage: string, n: number, word: "sent" | "delivered" | "read" = "sent"): MessageEvent {
  const time = { at: HISTORY_START + n, receivedAt: HISTORY_START + n + 1 };
  const inChat = { chatId: chat(n), chatKind: "individual", chatScoped: true } as const;
  return { kind: "status", status: word, idMessage, origin: "api", ...inChat, ...time };
}

async function sentMessages(store: TestStore, instance: string) {
  return (await store.summaries([instance], NOW))[0]?.counts.get("messages/outgoing/api") ?? 0;
}

async function age(instance: string, days: number): Promise<void> {
  const meta = keys.instance(instance) + INSTANCE_KEYS.META;
  const [redis] = connections;
  const packed = (await redis.hgetBuffer(meta, "periods")) ?? Buffer.alloc(0);
  const aged = unpackPeriods(packed).map((period) => {
    return { ...period, opened: period.opened - days * 86_400, expires: period.expires - days * 86_400 };
  });
  await redis.hset(meta, "periods", packPeriods(aged));
}

describe("messages with ids that are unique only within a chat", () => {
  it("are the same if two processes count parts of them at the same time", async () => {
    const events = fc
      .array(fc.tuple(fc.constantFrom("5", "6"), fc.nat(4), fc.constantFrom("sent", "delivered", "read")), {
        minLength: 2,
        maxLength: 60,
      })
      .map((all) => all.map(([id, n, word]) => status(id, n, word)));
    const property = fc.asyncProperty(events, fc.integer({ min: 1, max: 20 }), async (all, size) => {
      const [instance, memory] = [freshInstance(), new MemoryMessageStore()];
      const parts = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
      await Promise.all(parts.map(async (part, i) => applyTo(i % 2 === 0 ? one : other, instance, part)));
      await applyTo(memory, instance, all);
      const read = async (store: TestStore | MemoryMessageStore) => {
        const { summary, times } = await everything(store, instance, all);
        const counts = [...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/"));
        const messages = await Promise.all(
          all.map(async ({ idMessage, chatId }) => store.message(instance, idMessage, "outgoing", chatId)),
        );
        const ofIds = await Promise.all(["5", "6"].map(async (id) => store.messagesOf(instance, id, "outgoing")));
        const found = ofIds.map((some) => some.map(({ chatId }) => chatId).sort());
        return { counts: counts.sort(), times, found, messages: messages.map((record) => record && messageOf(record)) };
      };
      expect(await read(one)).toEqual(await read(memory));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("are found by their chats for any number of messages with one id; without a chat the newest are found", async () => {
    const instance = freshInstance();
    // More than fit into one commit.
    const all = Array.from({ length: 700 }, (_, n) => status("5", n));
    await applyTo(one, instance, all);
    await applyTo(other, instance, all);
    expect(await sentMessages(one, instance)).toBe(700);
    const newest = (await one.messagesOf(instance, "5", "outgoing")).map(({ chatId }) => chatId);
    expect(newest).toEqual(Array.from({ length: CHATS_OF_ID_MAX }, (_, n) => chat(700 - CHATS_OF_ID_MAX + n)));
    for (const n of [0, 1, 350, 699])
      expect(await one.message(instance, "5", "outgoing", chat(n))).toMatchObject({ idMessage: "5", chatId: chat(n) });
  });

  it("are still found after buckets are split, and lists show nothing else", async () => {
    const instance = freshInstance();
    const all = Array.from({ length: 1_200 }, (_, n) => status(String(Math.floor(n / 3)), n));
    for (let from = 0; from < all.length; from += 300) await applyTo(one, instance, all.slice(from, from + 300));
    await applyTo(
      one,
      instance,
      all.map((event) => ({ ...event, status: "delivered" }) as MessageEvent),
    );
    expect((await one.summaries([instance], NOW))[0]?.counts.get("status/delivered")).toBe(1_200);
    let [cursor, listed]: [string | undefined, number] = [undefined, 0];
    do {
      const page = await one.list(instance, { filter: {}, limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
      listed += page.messages.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(listed).toBe(1_200);
  });

  it("are found without their chat as long as they are stored, even after a late update", async () => {
    const instance = freshInstance();
    await applyTo(one, instance, [status("5", 1)]);
    await age(instance, 25);
    await applyTo(one, instance, [status("5", 1, "delivered")]);
    await age(instance, 25);
    const found = await one.messagesOf(instance, "5", "outgoing");
    expect(found.map((record) => messageOf(record).status)).toEqual(["delivered"]);
  });
});
