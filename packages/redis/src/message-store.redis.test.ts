import { chatKind, type InstanceEvent } from "@ticktally/core";
import {
  anyHistory,
  applyTo,
  describeMessageStore,
  everything,
  HISTORY_START,
  MemoryMessageStore,
} from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { RedisMessageStore } from "./message-store.ts";
import { testConnection, testKeys } from "./testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const store = new RedisMessageStore(redis, { keys, retentionDays: 30 });
const NOW = HISTORY_START * 1000;
const DAY_MS = 86_400_000;
let instances = 1000;
const freshInstance = () => String(++instances);

afterAll(() => {
  redis.disconnect();
});

describeMessageStore("RedisMessageStore", () => store, freshInstance, 150);

function observation(index: number, chatId = "79001234567@c.us"): InstanceEvent {
  const idMessage = `3EB0${index.toString(16).toUpperCase().padStart(16, "0")}`;
  const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };
  return { kind: "observation", direction: "outgoing", idMessage, chatId, origin: "api", type: "text", ...time };
}

describe("RedisMessageStore beside the specification", () => {
  it("gives the same outcomes, records, counts and hours for any history, in any batches", async () => {
    const memory = new MemoryMessageStore();
    const property = fc.asyncProperty(anyHistory, fc.integer({ min: 1, max: 6 }), async (events, batches) => {
      const instance = freshInstance();
      const size = Math.ceil(events.length / batches);
      for (let from = 0; from < events.length; from += size) {
        const batch = events.slice(from, from + size);
        const expected = await applyTo(memory, instance, batch);
        const outcomes = await applyTo(store, instance, batch, NOW);
        const isState = (i: number) => batch[i]?.kind === "state";
        // Within one batch only the newest state is applied, so the others have no outcome of their own.
        expect(outcomes.filter((_, i) => !isState(i))).toEqual(expected.filter((_, i) => !isState(i)));
      }
      expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
    });
    await fc.assert(property, { numRuns: 600 });
  });

  it("forgets a chat in the middle of any history just so", async () => {
    const memory = new MemoryMessageStore();
    const property = fc.asyncProperty(anyHistory, fc.nat(), fc.nat(), async (events, cut, pick) => {
      const instance = freshInstance();
      const chats = events.flatMap((event) => ("chatId" in event ? [event.chatId] : []));
      const chatId = chats[pick % Math.max(1, chats.length)] ?? "79000000000@c.us";
      const middle = cut % (events.length + 1);
      for (const one of [memory, store]) await applyTo(one, instance, events.slice(0, middle), NOW);
      const found = await memory.forgetChat(instance, chatId);
      expect(await store.forgetChat(instance, chatId, NOW)).toEqual(found);
      expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
      // One by one: within one batch only the newest state is applied.
      for (const event of events.slice(middle))
        for (const one of [memory, store]) await applyTo(one, instance, [event], NOW);
      expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("finds every one of 3,000 messages again while their buckets split", async () => {
    const instance = freshInstance();
    const events = Array.from({ length: 3000 }, (_, i) => observation(i));
    for (let from = 0; from < events.length; from += 250)
      await applyTo(store, instance, events.slice(from, from + 250), NOW);
    const again = await applyTo(store, instance, events, NOW);
    expect(new Set(again)).toEqual(new Set(["duplicate"]));
    const buckets = await redis.keys(`${keys.instance(instance)}messages:*`);
    const sizes = await Promise.all(buckets.map(async (key) => redis.hlen(key)));
    expect(Math.max(...sizes)).toBeLessThan(128);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3000);
  });
});

describe("retention", () => {
  const status: InstanceEvent = { ...(observation(1) as object), kind: "status", status: "sent" } as InstanceEvent;
  const id = "3EB00000000000000001";

  it("finds a message for 30 days after its last event, and forgets it within 45", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [observation(1)], NOW);
    expect(await store.message(instance, id, "outgoing", NOW + 30 * DAY_MS)).toBeDefined();
    expect(await store.message(instance, id, "outgoing", NOW + 45 * DAY_MS)).toBeUndefined();
    const [key = ""] = await redis.keys(`${keys.instance(instance)}messages:*`);
    expect(await redis.pttl(key)).toBeGreaterThan(29 * DAY_MS);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(45 * DAY_MS);
  });

  it("lives on with each event, and keeps the words of its failure", async () => {
    const instance = freshInstance();
    const failed = {
      ...status,
      status: "failed",
      reason: "timed_out",
      description: "Error: Timed Out",
    } as InstanceEvent;
    const later = NOW;
    await applyTo(store, instance, [failed], later);
    expect(await applyTo(store, instance, [failed], later + 25 * DAY_MS)).toEqual(["duplicate"]);
    const message = await store.message(instance, id, "outgoing", later + 50 * DAY_MS);
    expect(message?.failure).toMatchObject({ reason: "timed_out", description: "Error: Timed Out" });
    const [summary] = await store.summaries([instance], later);
    expect(summary?.counts.get("status/failed")).toBe(1);
  });

  it("finds what a worker with a faster clock has written", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [observation(1)], NOW + 16 * DAY_MS);
    expect(await applyTo(store, instance, [observation(1)], NOW)).toEqual(["duplicate"]);
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
        NOW,
      );
    const unique = async () => (await store.summaries([instance], NOW))[0]?.uniqueChats[chatKind(chat(0))] ?? 0;
    await apply(0, 1000);
    await apply(0, 1000);
    expect(await unique()).toBe(1000);
    await apply(1000, 5000);
    expect(Math.abs((await unique()) - 5000)).toBeLessThan(100);
  });
});

describe("counters for Prometheus", () => {
  it("remember what was taken back when a message turns out to be an edit", async () => {
    const instance = freshInstance();
    const time = { at: HISTORY_START, receivedAt: HISTORY_START };
    const base = { idMessage: "E1", origin: "api", ...time } as const;
    await applyTo(store, instance, [{ kind: "status", status: "sent", ...base }], NOW);
    await applyTo(store, instance, [{ kind: "observation", direction: "outgoing", type: "edited", ...base }], NOW);
    const [summary] = await store.summaries([instance], NOW);
    expect(summary?.counts.get("messages/outgoing/api")).toBeUndefined();
    expect(summary?.counts.get("actions/outgoing/edited")).toBe(1);
    expect(summary?.retracted.get("messages/outgoing/api")).toBe(1);
  });
});

describe("forgetting an instance", () => {
  it("leaves no key behind, and what comes later is a new beginning", async () => {
    const [instance, other] = [freshInstance(), freshInstance()];
    const failed = { ...observation(1), kind: "status", status: "failed", reason: "other", description: "why" };
    const story = ["79001234567@c.us", "79001234568@c.us"].map((chatId) => {
      return { ...observation(2, chatId), kind: "status", status: "read" };
    });
    const events = [...Array.from({ length: 200 }, (_, i) => observation(i)), failed, ...story] as InstanceEvent[];
    for (const id of [instance, other]) {
      await applyTo(store, id, events, NOW);
      await applyTo(store, id, events, NOW + 16 * DAY_MS);
    }
    const before = await redis.keys(`${keys.instance(other)}*`);

    await store.forget(instance);
    expect(await store.message(instance, "3EB00000000000000001", "outgoing", NOW)).toBeUndefined();
    expect((await store.summaries([instance], NOW))[0]?.counts).toEqual(new Map());
    await applyTo(store, instance, [observation(1)], NOW);
    expect((await store.list(instance, { filter: {}, limit: 10 }, NOW)).messages).toHaveLength(1);
    expect(await store.hours(instance, 0, 1e6)).toHaveProperty("size", 1);

    await store.forget(instance);
    expect(await store.erase()).toBeGreaterThan(10);
    expect(await redis.keys(`${keys.instance(instance)}*`)).toEqual([]);
    expect(await redis.keys(`${keys.instance(other)}*`)).toEqual(before);
    expect(await redis.smembers(keys.forgotten)).toEqual([]);
  });
});

describe("a long list", () => {
  it("of 30,000 messages gives the three that failed in a few short pages", async () => {
    const instance = freshInstance();
    for (let from = 0; from < 30_000; from += 1000) {
      const batch = Array.from({ length: 1000 }, (_, i) => observation(from + i));
      await applyTo(store, instance, batch, NOW);
    }
    const failing = [7, 15_000, 29_999].map((index) => {
      return { ...observation(index), kind: "status", status: "failed", reason: "other" } as InstanceEvent;
    });
    await applyTo(store, instance, failing, NOW);
    const [found, sizes]: [string[], number[]] = [[], []];
    let cursor: string | undefined;
    do {
      const query = { filter: { statuses: ["failed" as const] }, limit: 100, ...(cursor ? { cursor } : {}) };
      const page = await store.list(instance, query, NOW);
      found.push(...page.messages.map(({ idMessage }) => idMessage));
      sizes.push(page.messages.length);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(found.map((id) => parseInt(id.slice(4), 16))).toEqual([29_999, 15_000, 7]);
    expect(sizes).toEqual([2, 1]);
  });
});
