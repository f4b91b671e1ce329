import type { InstanceEvents, MessageEvent } from "@ticktally/core";
import { applyTo, everything, MemoryMessageStore, messageHistory, shuffledWithRepeats } from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { RedisClient } from "../connection/connection.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const connections = [testConnection("worker"), testConnection("worker")] as const;
const keys = testKeys();
let instances = 0;

afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

/** Stores with separate connections, as in separate processes. */
const freshStores = () => connections.map((redis) => testStore(redis, { keys, retentionDays: 30 }));

/** Parts of about the same size, in order. */
function partsOf<Item>(items: readonly Item[], parts: number): readonly (readonly Item[])[] {
  const size = Math.max(1, Math.ceil(items.length / parts));
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

describe("concurrent calls", () => {
  const history = messageHistory.chain((events) => fc.tuple(fc.constant(events), shuffledWithRepeats(events)));
  const splits = fc.record({ parts: fc.integer({ min: 2, max: 8 }), first: fc.boolean() });

  it("give the same records and counts as consecutive ones, in one process or two, also for a new instance", async () => {
    const memory = new MemoryMessageStore();
    const property = fc.asyncProperty(history, splits, async ([events, repeated], { parts, first }) => {
      const [a, b] = [String(++instances), String(++instances)];
      const stores = freshStores();
      if (first) await applyTo(stores[0] ?? memory, a, events.slice(0, 1));
      const calls = partsOf(repeated, parts).map(async (part, i) => {
        const batches: readonly InstanceEvents[] = [
          { instance: a, events: part },
          { instance: b, events: part.toReversed() },
        ];
        const outcomes = await stores[i % 2]?.apply(batches);
        expect(outcomes?.map((some) => some.length)).toEqual([part.length, part.length]);
      });
      await Promise.all(calls);
      for (const instance of [a, b]) {
        await applyTo(memory, instance, events);
        const [found, expected] = await Promise.all(
          [stores[0] ?? memory, memory].map(async (store) => orderFree(await everything(store, instance, events))),
        );
        expect(found).toEqual(expected);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("count each outcome of a status once, even if a call is repeated after a conflict", async () => {
    const stores = freshStores();
    const instance = String(++instances);
    const statuses = Array.from({ length: 40 }, (_, i): MessageEvent => {
      const time = { at: 1_790_000_000 + i, receivedAt: 1_790_000_000 + i };
      return { kind: "status", idMessage: "3EB0", origin: "api", status: i % 2 === 0 ? "sent" : "delivered", ...time };
    });
    const outcomes = await Promise.all(
      statuses.map(async (event, i) => stores[i % 2]?.apply([{ instance, events: [event] }])),
    );
    const given = outcomes.flat(2);
    const [totals] = (await stores[0]?.totals([instance])) ?? [];
    for (const outcome of ["created", "advanced", "duplicate", "late"] as const)
      expect(totals?.counts.get(`outcomes/${outcome}`) ?? 0, outcome).toBe(
        given.filter((one) => one === outcome).length,
      );
    expect(given.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(totals?.counts.get("messages/outgoing/api")).toBe(1);
  });
});

/** Delay the reply to each commit until the next commit is sent, until the first call is done. */
function overlapCommits(redis: RedisClient): () => void {
  const commit = redis.commitBatch.bind(redis);
  const held: (() => void)[] = [];
  let isFree = false;
  redis.commitBatch = async (...args: Parameters<typeof commit>) => {
    const reply = await commit(...args);
    if (!isFree)
      await new Promise<void>((resolve) => {
        if (held.push(resolve) > 1) held.shift()?.();
      });
    return reply;
  };
  return () => {
    isFree = true;
    for (const release of held.splice(0)) release();
  };
}

it("are stored if two calls used each other's results and neither was stored", async () => {
  const [own, others] = [testConnection("worker"), freshStores()[0]];
  const store = testStore(own, { keys, retentionDays: 30 });
  const instance = String(++instances);
  const time = { at: 1_790_000_000, receivedAt: 1_790_000_000 };
  const status = (word: "pending" | "sent" | "delivered" | "read"): MessageEvent => {
    return { kind: "status", idMessage: "3EB0", origin: "api", status: word, ...time };
  };
  await store.apply([{ instance, events: [status("pending")] }]);
  // From here on, the records in the store's memory are outdated.
  await others?.apply([{ instance, events: [status("sent")] }]);
  const release = overlapCommits(own);
  const calls = (["delivered", "read"] as const).map(async (word) => {
    await store.apply([{ instance, events: [status(word)] }]);
    release();
  });
  await Promise.all(calls);
  const [totals] = await store.totals([instance]);
  expect(totals?.counts.get("messages/outgoing/api")).toBe(1);
  expect(totals?.counts.get("outcomes/advanced")).toBe(3);
  own.disconnect();
});

/** Everything that does not depend on the order and number of events. */
function orderFree({ summary, ...rest }: Awaited<ReturnType<typeof everything>>) {
  const counts = [...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/"));
  return { ...rest, summary: { ...summary, counts: new Map(counts), retracted: undefined } };
}
