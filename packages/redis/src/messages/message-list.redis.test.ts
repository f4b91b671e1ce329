import type { InstanceEvent } from "@ticktally/core";
import { applyTo, HISTORY_START } from "@ticktally/core/testing";
import { afterAll, expect, it, vi } from "vitest";
import { InstanceBases } from "../instances/instance-basis.ts";
import { RecordMemory } from "../commit/record-memory.ts";
import { RecordReader } from "../commit/record-reader.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { MessageList } from "./message-list.ts";

const redis = testConnection("worker");
const keys = testKeys();
const store = testStore(redis, { keys, retentionDays: 30 });

afterAll(() => {
  redis.disconnect();
});

/** Messages with a thousand recipients with long ids each. */
const MESSAGES = 8;

function group(message: number): InstanceEvent {
  return {
    kind: "observation",
    direction: "outgoing",
    idMessage: `M${String(message)}`,
    chatId: "120363000000000000@g.us",
    chatKind: "group",
    origin: "api",
    type: "text",
    at: HISTORY_START,
    receivedAt: HISTORY_START,
  };
}

function delivered(message: number, recipient: number): InstanceEvent {
  const chatId = `${"x".repeat(100)}${String(recipient)}@c.us`;
  const time = { at: HISTORY_START, receivedAt: HISTORY_START };
  return { kind: "status", idMessage: `M${String(message)}`, chatId, origin: "api", status: "delivered", ...time };
}

it("ends a page early if it would have too many recipients, and continues on the next page", async () => {
  for (let message = 0; message < MESSAGES; message++) {
    const recipients = Array.from({ length: 1000 }, (_, recipient) => delivered(message, recipient));
    await applyTo(store, "1", [group(message), ...recipients]);
  }
  const found: string[] = [];
  let [cursor, pages]: [string | undefined, number] = [undefined, 0];
  do {
    const page = await store.list("1", { filter: {}, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    const recipients = page.messages.reduce((sum, record) => sum + (record.recipients?.size ?? 0), 0);
    expect(recipients).toBeLessThanOrEqual(6_000);
    found.push(...page.messages.map(({ idMessage }) => idMessage));
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== undefined);
  expect(found.toSorted()).toEqual(Array.from({ length: MESSAGES }, (_, message) => `M${String(message)}`));
  expect(pages).toBeGreaterThan(1);
});

it("ends if the instance is deleted while a page is read", async () => {
  const reader = new RecordReader({ redis, keys, bases: new InstanceBases(redis, keys), memory: new RecordMemory() });
  const list = new MessageList(redis, keys, {
    values: reader.values.bind(reader),
    stored: async (instance, fieldsOf) => {
      await store.forget(instance);
      // This is what remains of it, for a few seconds.
      await redis.del(keys.instance(instance) + INSTANCE_KEYS.META);
      return reader.stored(instance, fieldsOf);
    },
  });
  await applyTo(store, "2", [group(1), delivered(1, 1)]);
  expect(await list.page("2", { filter: {}, limit: 100 })).toEqual({ messages: [] });
});

it("reads no list of a day after today, whichever day a cursor names", async () => {
  await applyTo(store, "3", [group(1), group(2)]);
  const { nextCursor = "" } = await store.list("3", { filter: {}, limit: 1 });
  const asked = vi.spyOn(redis, "changeKeysBuffer");
  const page = await store.list("3", { filter: {}, limit: 100, cursor: nextCursor.replace(/\.\d+\./, ".999999.") });
  expect(page.messages).toHaveLength(2);
  expect(asked.mock.calls.length).toBeLessThan(10);
  asked.mockRestore();
});
