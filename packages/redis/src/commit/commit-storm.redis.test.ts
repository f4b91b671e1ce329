import {
  contributionOf,
  COUNTER_OF_SLOT,
  CounterChanges,
  moveCounts,
  newContribution,
  type Counter,
  type InstanceEvent,
} from "@ticktally/core";
import { applyTo, everything, HISTORY_START, MemoryMessageStore } from "@ticktally/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { testConnection, testKeys, testStore, type TestStore } from "../testing.ts";

const connections = [0, 1, 2].map(() => testConnection("worker"));
const keys = testKeys();
const damaged: string[] = [];
const stores = connections.map((redis) =>
  testStore(redis, { keys, retentionDays: 30, onDamage: (instance) => damaged.push(instance) }),
);
const [store] = stores as [TestStore];
const SEED = 20_261_126;

afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

/** Pseudo-random numbers that are the same in each run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const CHATS = [
  "79001234567@c.us",
  "79001234568@c.us",
  "79001234569@c.us",
  "120363347693198097@g.us",
  "status@broadcast",
];
const STATUSES = ["pending", "sent", "delivered", "read", "played", "failed", "noAccount"] as const;

/** Events of few messages, so that writers conflict. Each event has a different time, so that the receipt decides nothing. */
function history(size: number, random: (below: number) => number): readonly InstanceEvent[] {
  return Array.from({ length: size }, (_, i): InstanceEvent => {
    const idMessage = `3EB0${String(random(40)).padStart(4, "0")}`;
    const time = { at: HISTORY_START + i * 61, receivedAt: HISTORY_START + i * 61 + random(90) };
    const base = {
      idMessage,
      chatId: CHATS[random(CHATS.length)] ?? "",
      origin: random(3) === 0 ? "phone" : "api",
      ...time,
    };
    const status = STATUSES[random(STATUSES.length)] ?? "sent";
    if (random(6) === 0) return { ...base, kind: "observation", direction: "outgoing", type: "text" } as InstanceEvent;
    const failure =
      status === "failed" ? { reason: "other", description: `why ${String(i)}` } : { reason: "no_account" };
    const isFailure = status === "failed" || status === "noAccount";
    return { ...base, kind: "status", status, ...(isFailure ? failure : {}) } as InstanceEvent;
  });
}

function shuffled<Item>(items: readonly Item[], random: (below: number) => number): Item[] {
  const left = [...items];
  return items.map(() => left.splice(random(left.length), 1)[0] as Item);
}

/** Apply events over all stores with many concurrent calls, each with a batch of several instances. */
async function storm(
  events: ReadonlyMap<string, readonly InstanceEvent[]>,
  random: (below: number) => number,
  between: () => Promise<unknown> = async () => Promise.resolve(),
): Promise<void> {
  const queues = stores.map(() => [] as { instance: string; events: InstanceEvent[] }[][]);
  const left = new Map(
    [...events].map(([instance, all]) => [instance, shuffled([...all, ...all.slice(0, all.length / 3)], random)]),
  );
  while (left.size > 0) {
    const batch: { instance: string; events: InstanceEvent[] }[] = [];
    for (const [instance, all] of left) {
      batch.push({ instance, events: all.splice(0, 1 + random(8)) });
      if (all.length === 0) left.delete(instance);
    }
    queues[random(queues.length)]?.push(batch);
  }
  await Promise.all(
    queues.map(async (batches, s) => {
      // Two concurrent calls in each store, as in a worker.
      const run = async () => {
        for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
          await stores[s]?.apply(batch);
          if (random(12) === 0) await between();
        }
      };
      await Promise.all([run(), run()]);
    }),
  );
}

async function orderFree(of: TestStore | MemoryMessageStore, instance: string, events: readonly InstanceEvent[]) {
  const { summary, ...rest } = await everything(of, instance, events);
  const counts = [...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/"));
  return { ...rest, summary: { ...summary, counts: new Map(counts.toSorted()), retracted: undefined } };
}

async function sumOfRecords(instance: string, events: readonly InstanceEvent[]) {
  const changes = new CounterChanges();
  const ids = new Set(events.flatMap((event) => ("idMessage" in event ? [event.idMessage] : [])));
  for (const id of ids) {
    const record = await store.message(instance, id, "outgoing");
    if (record) moveCounts(newContribution(), contributionOf(record, newContribution()), changes);
  }
  const sum = new Map<Counter, number>();
  changes.takeTotals((slot, by) => sum.set(COUNTER_OF_SLOT[slot] ?? "contradictions", by));
  return new Map([...sum].toSorted());
}

describe("three writers of the same twenty instances", () => {
  it("give the same records and counts as one writer", async () => {
    const random = numbersFrom(SEED);
    const events = new Map(Array.from({ length: 20 }, (_, i) => [`1${String(i)}`, history(100, random)]));
    await storm(events, random);
    const memory = new MemoryMessageStore();
    for (const [instance, all] of events) {
      await applyTo(memory, instance, all);
      expect(await orderFree(store, instance, all), instance).toEqual(await orderFree(memory, instance, all));
    }
    expect(damaged).toEqual([]);
  });

  it("have counts that match the records while chats and instances are deleted and settings change", async () => {
    const random = numbersFrom(SEED + 1);
    const events = new Map(Array.from({ length: 20 }, (_, i) => [`2${String(i)}`, history(100, random)]));
    const names = [...events.keys()];
    await storm(events, random, async () => {
      const [by, instance] = [stores[random(3)] ?? store, names[random(names.length)] ?? ""];
      const what = random(4);
      if (what === 0) await by.forget(instance);
      else if (what === 1) await by.forgetChat(instance, CHATS[random(3)] ?? "");
      else if (what === 2) await by.changeSettings(instance, { ignoreGroupMessages: random(2) === 0 });
      else await by.erase();
    });
    expect(damaged).toEqual([]);
    let kept = 0;
    for (const [instance, all] of events) {
      const [totals] = await store.totals([instance]);
      const counts = [...(totals?.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/"));
      expect(new Map(counts.toSorted()), instance).toEqual(await sumOfRecords(instance, all));
      kept += counts.length;
    }
    expect(kept).toBeGreaterThan(20);
  });
});
