import type { InstanceEvent } from "@ticktally/core";
import {
  anyHistory,
  applyTo,
  describeMessageStore,
  everything,
  HISTORY_START,
  MemoryMessageStore,
  timesOf,
} from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { INSTANCE_KEYS } from "./keys.ts";
import { testConnection, testKeys, testStore } from "./testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const store = testStore(redis, { keys, retentionDays: 30 });
const NOW = HISTORY_START * 1000;
let instances = 1000;
const freshInstance = () => String(++instances);

afterAll(() => {
  redis.disconnect();
});

describeMessageStore("openMessageStores", () => store, freshInstance, 40);

function observation(index: number, chatId = "79001234567@c.us"): InstanceEvent {
  const idMessage = `3EB0${index.toString(16).toUpperCase().padStart(16, "0")}`;
  const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };
  return { kind: "observation", direction: "outgoing", idMessage, chatId, origin: "api", type: "text", ...time };
}

describe("openMessageStores compared with the specification", () => {
  it("has the same outcomes, records, counts and hours for any history, in any batches", async () => {
    const memory = new MemoryMessageStore();
    const property = fc.asyncProperty(anyHistory, fc.integer({ min: 1, max: 6 }), async (events, batches) => {
      const instance = freshInstance();
      const size = Math.ceil(events.length / batches);
      for (let from = 0; from < events.length; from += size) {
        const batch = events.slice(from, from + size);
        const expected = await applyTo(memory, instance, batch);
        const outcomes = await applyTo(store, instance, batch);
        expect(outcomes).toEqual(expected);
      }
      expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
    });
    await fc.assert(property, { numRuns: 250 });
  });

  it("has the same result if a chat is forgotten in the middle of any history", async () => {
    const memory = new MemoryMessageStore();
    const property = fc.asyncProperty(anyHistory, fc.nat(), fc.nat(), async (events, cut, pick) => {
      const instance = freshInstance();
      const chats = events.flatMap((event) => ("chatId" in event ? [event.chatId] : []));
      const chatId = chats[pick % Math.max(1, chats.length)] ?? "79000000000@c.us";
      const middle = cut % (events.length + 1);
      for (const one of [memory, store]) await applyTo(one, instance, events.slice(0, middle));
      const found = await memory.forgetChat(instance, chatId);
      expect(await store.forgetChat(instance, chatId)).toEqual(found);
      expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
      for (const one of [memory, store]) await applyTo(one, instance, events.slice(middle));
      expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it("finds each of 3,000 messages while their buckets are split", async () => {
    const instance = freshInstance();
    const events = Array.from({ length: 3000 }, (_, i) => observation(i));
    for (let from = 0; from < events.length; from += 250)
      await applyTo(store, instance, events.slice(from, from + 250));
    const again = await applyTo(store, instance, events);
    expect(new Set(again)).toEqual(new Set(["duplicate"]));
    const buckets = await redis.keys(`${keys.instance(instance)}messages:*`);
    const sizes = await Promise.all(buckets.map(async (key) => redis.hlen(key)));
    expect(Math.max(...sizes)).toBeLessThan(128);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3000);
  });
});

describe("a store that was read for an instance before its first event", () => {
  it("finds data that another process has written since", async () => {
    const instance = freshInstance();
    const reader = testStore(redis, { keys, retentionDays: 30 });
    const [id, chatId] = ["3EB00000000000000001", "79001234567@c.us"];
    expect(await reader.message(instance, id, "outgoing")).toBeUndefined();
    expect(await reader.forgetChat(instance, chatId)).toEqual({ messages: 0, recipients: 0 });
    await applyTo(store, instance, [observation(1, chatId)]);
    expect((await reader.message(instance, id, "outgoing"))?.chatId).toBe(chatId);
    expect(await reader.forgetChat(instance, chatId)).toEqual({ messages: 1, recipients: 0 });
  });
});

describe("the failures of messages to very many recipients", () => {
  // Together they do not fit into one reply, which has at most 512 kB of recipients.
  it("are all shown, and each message can be updated again", async () => {
    const instance = freshInstance();
    const ids = Array.from({ length: 8 }, (_, i) => `M${String(i + 10)}`);
    const time = { at: HISTORY_START, receivedAt: HISTORY_START };
    const failed = ids.flatMap((idMessage) =>
      Array.from({ length: 1000 }, (_, i): InstanceEvent => {
        const chatId = `${String(i).padStart(110, "ab c")}@lid`;
        return { kind: "status", status: "failed", reason: "other", idMessage, chatId, origin: "api", ...time };
      }),
    );
    for (let from = 0; from < failed.length; from += 1000)
      await applyTo(store, instance, failed.slice(from, from + 1000));
    const kept = await redis.hvalsBuffer(`${keys.instance(instance)}extras:0`);
    expect(kept.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(512 * 1024);
    expect((await store.recentFailures(instance)).map(({ idMessage }) => idMessage)).toEqual(ids);
    const again = failed.filter((_, i) => i % 1000 === 0);
    expect(await applyTo(store, instance, again)).toEqual(ids.map(() => "duplicate"));
  });
});

describe("unique chats", () => {
  it("are exact up to 1,000 of a kind and within 1 % beyond", async () => {
    const instance = freshInstance();
    const chat = (i: number) => `${String(79_000_000_000 + i)}@c.us`;
    const apply = async (from: number, to: number) =>
      applyTo(
        store,
        instance,
        Array.from({ length: to - from }, (_, i) => observation(from + i, chat(from + i))),
      );
    const unique = async () => (await store.summaries([instance], NOW))[0]?.uniqueChats.individual ?? 0;
    await apply(0, 1000);
    await apply(0, 1000);
    expect(await unique()).toBe(1000);
    await apply(1000, 5000);
    expect(Math.abs((await unique()) - 5000)).toBeLessThan(100);
  });
});

describe("counters for Prometheus", () => {
  it("include corrections when a message turns out to be an edit", async () => {
    const instance = freshInstance();
    const time = { at: HISTORY_START, receivedAt: HISTORY_START };
    const base = { idMessage: "E1", origin: "api", ...time } as const;
    await applyTo(store, instance, [{ kind: "status", status: "sent", ...base }]);
    await applyTo(store, instance, [{ kind: "observation", direction: "outgoing", type: "edited", ...base }]);
    const [summary] = await store.summaries([instance], NOW);
    expect(summary?.counts.get("messages/outgoing/api")).toBeUndefined();
    expect(summary?.counts.get("actions/outgoing/edited")).toBe(1);
    expect(summary?.retracted.get("messages/outgoing/api")).toBe(1);
  });
});

describe("forgetting an instance", () => {
  it("keeps the end of its epoch for a moment, and later events start from zero", async () => {
    const [instance, other] = [freshInstance(), freshInstance()];
    const failed = { ...observation(1), kind: "status", status: "failed", reason: "other", description: "why" };
    const story = ["79001234567@c.us", "79001234568@c.us"].map((chatId) => {
      return { ...observation(2, chatId), kind: "status", status: "read" };
    });
    const events = [...Array.from({ length: 200 }, (_, i) => observation(i)), failed, ...story] as InstanceEvent[];
    for (const id of [instance, other]) {
      await applyTo(store, id, events);
      await applyTo(store, id, events);
    }
    const before = await redis.keys(`${keys.instance(other)}*`);

    await store.forget(instance);
    expect(await store.message(instance, "3EB00000000000000001", "outgoing")).toBeUndefined();
    expect((await store.summaries([instance], NOW))[0]?.counts).toEqual(new Map());
    await applyTo(store, instance, [observation(1)]);
    expect((await store.list(instance, { filter: {}, limit: 10 })).messages).toHaveLength(1);
    const times = await timesOf(store, instance, 480_000, 520_000);
    expect([...times.keys()].filter((key) => key.startsWith("hours"))).toHaveLength(1);

    await store.forget(instance);
    expect(await store.erase()).toBeGreaterThan(10);
    const meta = keys.instance(instance) + INSTANCE_KEYS.META;
    expect(await redis.keys(`${keys.instance(instance)}*`)).toEqual([meta]);
    expect([await redis.hkeys(meta), await redis.ttl(meta)]).toEqual([["epoch", "head"], 20]);
    expect(await redis.keys(`${keys.instance(other)}*`)).toEqual(before);
    expect(await redis.smembers(keys.forgotten)).toEqual([]);
  });
});

describe("a long list", () => {
  it("of 30,000 messages returns the three that failed in a few short pages", async () => {
    const instance = freshInstance();
    for (let from = 0; from < 30_000; from += 1000) {
      const batch = Array.from({ length: 1000 }, (_, i) => observation(from + i));
      await applyTo(store, instance, batch);
    }
    const failing = [7, 15_000, 29_999].map((index) => {
      return { ...observation(index), kind: "status", status: "failed", reason: "other" } as InstanceEvent;
    });
    await applyTo(store, instance, failing);
    const [found, sizes]: [string[], number[]] = [[], []];
    let cursor: string | undefined;
    do {
      const query = { filter: { statuses: ["failed" as const] }, limit: 100, ...(cursor ? { cursor } : {}) };
      const page = await store.list(instance, query);
      found.push(...page.messages.map(({ idMessage }) => idMessage));
      sizes.push(page.messages.length);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(found.map((id) => parseInt(id.slice(4), 16))).toEqual([29_999, 15_000, 7]);
    expect(sizes).toEqual([2, 1]);
  });
});
