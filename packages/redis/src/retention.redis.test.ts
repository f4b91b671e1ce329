import { messageOf, WAITING_IDS_MAX, type InstanceEvent, type MessageEvent } from "@ticktally/core";
import { applyTo, HISTORY_START } from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { packPeriods, unpackPeriods } from "./instances/instance-epoch.ts";
import { INSTANCE_KEYS } from "./keys.ts";
import { testConnection, testKeys, testStore } from "./testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const DAY = 86_400;
const PERIODS_MAX = 8;
const storeKeeping = (retentionDays: number) => testStore(redis, { keys, retentionDays });
const [keeps10, keeps30, keeps60] = [storeKeeping(10), storeKeeping(30), storeKeeping(60)];
let instances = 0;
const freshInstance = () => String(++instances);

afterAll(() => {
  redis.disconnect();
});

const idOf = (message: number) => `3EB0${message.toString(16).toUpperCase().padStart(16, "0")}`;

function base(message: number) {
  const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };
  return { kind: "status", idMessage: idOf(message), chatId: "79001234567@c.us", origin: "api", ...time } as const;
}

const sent = (message: number): MessageEvent => ({ ...base(message), status: "sent" });

async function periodsOf(instance: string) {
  const packed = await redis.hgetBuffer(keys.instance(instance) + INSTANCE_KEYS.META, "periods");
  return unpackPeriods(packed ?? Buffer.alloc(0));
}

/** The keys of records, of their additional data and of lists, with their periods. */
async function keysOfRecords(instance: string): Promise<readonly { readonly key: string; readonly period: number }[]> {
  const found = await redis.keys(`${keys.instance(instance)}*`);
  return found.flatMap((key) => {
    const [, period] = /(?:messages|extras|arrivals):(\d+)(?::\d+)?$/.exec(key) ?? [];
    return period === undefined ? [] : [{ key, period: Number(period) }];
  });
}

/** Change the stored messages of an instance as if a number of days had passed. */
async function age(instance: string, days: number): Promise<void> {
  const aged = (await periodsOf(instance)).map((period) => {
    return { ...period, opened: period.opened - days * DAY, expires: period.expires - days * DAY };
  });
  await redis.hset(keys.instance(instance) + INSTANCE_KEYS.META, "periods", packPeriods(aged));
  for (const { key, period } of (await keysOfRecords(instance)).toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const expires = aged.find(({ number }) => number === period)?.expires ?? 0;
    // An expiry in the past deletes the key.
    await redis.expireat(key, expires);
    const [, list, day] = /^(.*arrivals:\d+:)(\d+)$/.exec(key) ?? [];
    if (list !== undefined) await redis.renamenx(key, list + String(Number(day) - days)).catch(() => undefined);
  }
}

async function isKnown(instance: string, message: number): Promise<boolean> {
  return (await keeps30.message(instance, idOf(message), "outgoing")) !== undefined;
}

async function listed(instance: string): Promise<readonly string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { filter: {}, limit: 7, ...(cursor === undefined ? {} : { cursor }) };
    const page = await keeps30.list(instance, query);
    found.push(...page.messages.map(({ idMessage }) => idMessage));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found.toSorted();
}

async function countOf(instance: string, counter: "messages/outgoing/api" | "status/sent" | "status/failed") {
  const [totals] = await keeps30.totals([instance]);
  return totals?.counts.get(counter) ?? 0;
}

describe("a message", () => {
  it.each([0, 7, 14])(
    "is found for 30 days after its last event and deleted within 45, with a period of %i days",
    async (days) => {
      const instance = freshInstance();
      await applyTo(keeps30, instance, [sent(0)]);
      await age(instance, days);
      await applyTo(keeps30, instance, [sent(1)]);
      await age(instance, 30);
      expect(await isKnown(instance, 1)).toBe(true);
      expect(await listed(instance)).toContain(idOf(1));
      await age(instance, 15);
      expect(await isKnown(instance, 1)).toBe(false);
      expect(await listed(instance)).toEqual([]);
      expect(await keysOfRecords(instance)).toEqual([]);
    },
  );

  it("leaves no key that expires after its period", async () => {
    const instance = freshInstance();
    const many = Array.from({ length: 300 }, (_, message) => sent(message));
    const story = ["1@c.us", "2@c.us"].map((chatId): InstanceEvent => ({ ...sent(301), chatId }));
    await applyTo(keeps30, instance, [...many, ...story]);
    const [period] = await periodsOf(instance);
    const found = await keysOfRecords(instance);
    expect(found.length).toBeGreaterThan(5);
    for (const { key } of found) expect(await redis.expiretime(key), key).toBe(period?.expires);
  });

  it("is kept for longer with each event, together with its failure text and recipients", async () => {
    const instance = freshInstance();
    const words = { reason: "timed_out", description: "Error: Timed Out" } as const;
    const events: readonly MessageEvent[] = [
      { ...base(1), status: "failed", ...words },
      { ...base(2), chatId: "1@c.us", status: "read" },
      { ...base(2), chatId: "2@c.us", status: "delivered" },
    ];
    await applyTo(keeps30, instance, events);
    for (let times = 0; times < 4; times++) {
      await age(instance, 25);
      expect(await applyTo(keeps30, instance, events)).toEqual(["duplicate", "duplicate", "duplicate"]);
    }
    await age(instance, 25);
    const [failed, story] = await Promise.all(
      [1, 2].map(async (message) => keeps30.message(instance, idOf(message), "outgoing")),
    );
    expect(failed && messageOf(failed)).toMatchObject({ status: "failed", failure: words });
    expect(story && messageOf(story).recipients).toEqual([
      { chatId: "1@c.us", status: "read", at: HISTORY_START },
      { chatId: "2@c.us", status: "delivered", at: HISTORY_START },
    ]);
    expect((await keeps30.recentFailures(instance)).map(({ idMessage }) => idMessage)).toEqual([idOf(1)]);
    expect(await listed(instance)).toEqual([idOf(1), idOf(2)]);
    expect(await countOf(instance, "status/failed")).toBe(1);
    expect(await countOf(instance, "messages/outgoing/api")).toBe(2);
  });

  it("is a new message after it has expired, and the earlier counts stay", async () => {
    const instance = freshInstance();
    await applyTo(keeps30, instance, [sent(1)]);
    await age(instance, 45);
    expect(await applyTo(keeps30, instance, [sent(1)])).toEqual(["created"]);
    expect(await countOf(instance, "messages/outgoing/api")).toBe(2);
  });
});

describe("a change of the retention", () => {
  it("from 30 to 10 days applies to later writes", async () => {
    const instance = freshInstance();
    await applyTo(keeps30, instance, [sent(1)]);
    const before = await keysOfRecords(instance);
    await applyTo(keeps10, instance, [sent(2)]);
    for (const { key } of await keysOfRecords(instance)) {
      const isOld = before.some((old) => old.key === key);
      const [days, most] = [(await redis.ttl(key)) / DAY, isOld ? 45 : 15];
      expect(days, key).toBeGreaterThan(most - 1);
      expect(days, key).toBeLessThanOrEqual(most);
    }
    await age(instance, 15);
    expect(await listed(instance)).toEqual([idOf(1)]);
    await age(instance, 15);
    expect(await listed(instance)).toEqual([idOf(1)]);
    await age(instance, 15);
    expect(await listed(instance)).toEqual([]);
  });

  it("from 30 to 60 days applies to later writes", async () => {
    const instance = freshInstance();
    await applyTo(keeps30, instance, [sent(1), sent(2)]);
    await applyTo(keeps60, instance, [sent(2), sent(3)]);
    await age(instance, 45);
    expect(await listed(instance)).toEqual([idOf(2), idOf(3)]);
    await age(instance, 15);
    expect(await listed(instance)).toEqual([idOf(2), idOf(3)]);
    await age(instance, 30);
    expect(await listed(instance)).toEqual([]);
  });

  // Processes are restarted one after the other, so both settings are in use for a while.
  it.each([
    ["30 and 10", keeps30, keeps10],
    ["30 and 60", keeps30, keeps60],
  ])("loses, duplicates and recounts nothing while %s days alternate", async (_, one, other) => {
    const instance = freshInstance();
    const known = Array.from({ length: 20 }, (_, message) => sent(message));
    await applyTo(one, instance, known);
    const ids = known.map(({ idMessage }) => idMessage);
    for (let times = 0; times < 6; times++) {
      const outcomes = await applyTo(times % 2 === 0 ? other : one, instance, known.slice(times, times + 12));
      expect(new Set(outcomes)).toEqual(new Set(["duplicate"]));
      expect(await listed(instance)).toEqual(ids);
      expect(await countOf(instance, "messages/outgoing/api")).toBe(ids.length);
      await age(instance, 1);
    }
    expect((await periodsOf(instance)).length).toBeLessThanOrEqual(3);
  });

  const writers = [
    [10, keeps10],
    [30, keeps30],
    [60, keeps60],
  ] as const;

  it("keeps every message for the retention of its writers, and lists it once, in any order of writes and days", async () => {
    const write = fc.record({ writer: fc.boolean(), message: fc.integer({ min: 0, max: 4 }) });
    const pass = fc.record({ days: fc.integer({ min: 1, max: 17 }) });
    const steps = fc.array(fc.oneof({ weight: 2, arbitrary: write }, pass), { minLength: 1, maxLength: 25 });
    const property = fc.asyncProperty(fc.shuffledSubarray([...writers], { minLength: 2 }), steps, async (pair, run) => {
      const instance = freshInstance();
      let [today, created] = [0, 0];
      const keptUntil = new Map<number, { atLeast: number; atMost: number }>();
      for (const step of run) {
        if ("days" in step) {
          today += step.days;
          await age(instance, step.days);
        } else {
          const { message, writer } = step;
          const [days, store] = pair[writer ? 1 : 0] ?? writers[1];
          const wasKnown = await isKnown(instance, message);
          const outcomes = await applyTo(store, instance, [sent(message)]);
          expect(outcomes).toEqual([wasKnown ? "duplicate" : "created"]);
          if (!wasKnown) created += 1;
          const before = wasKnown ? (keptUntil.get(message)?.atMost ?? 0) : 0;
          keptUntil.set(message, { atLeast: today + days, atMost: Math.max(before, today + 1.5 * days) });
        }
        const known: string[] = [];
        for (const [message, { atLeast, atMost }] of keptUntil) {
          const isThere = await isKnown(instance, message);
          if (today <= atLeast) expect(isThere, `message ${message} on day ${today}`).toBe(true);
          if (today >= atMost) expect(isThere, `message ${message} on day ${today}`).toBe(false);
          if (isThere) known.push(idOf(message));
        }
        expect(await listed(instance)).toEqual(known.toSorted());
        expect(await countOf(instance, "messages/outgoing/api")).toBe(created);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("has at most eight periods, for any number of changes", async () => {
    const instance = freshInstance();
    for (let days = 1; days <= 20; days++) {
      await applyTo(storeKeeping(days), instance, [sent(days), sent(0)]);
      expect((await periodsOf(instance)).length).toBe(Math.min(days, PERIODS_MAX));
    }
    const ids = Array.from({ length: 21 }, (_, message) => idOf(message));
    expect(await listed(instance)).toEqual(ids);
    expect(await countOf(instance, "messages/outgoing/api")).toBe(21);
    // Periods that have ended are removed.
    await age(instance, 12);
    await applyTo(keeps30, instance, [sent(21)]);
    expect((await periodsOf(instance)).map(({ expires, opened }) => (expires - opened) / DAY)).toEqual([45]);
  });
});

describe("an id that is labelled before its message is known", () => {
  it("waits 30 days, however short messages are kept, and is kept as short once it is known", async () => {
    const [instance, keeps1] = [freshInstance(), storeKeeping(1)];
    await applyTo(keeps1, instance, [sent(0)]);
    const ids = [0, 1].map((message) => ({ idMessage: idOf(message) }));
    expect(await keeps1.labels.label(instance, "spring", ids)).toEqual({ labelled: 1 });
    await age(instance, 2);
    expect(await isKnown(instance, 0)).toBe(false);
    await age(instance, 28);
    expect(await applyTo(keeps1, instance, [sent(1)])).toEqual(["created"]);
    expect(await keeps1.labels.labels(instance)).toEqual([{ label: "spring", messages: 2 }]);
    await age(instance, 2);
    expect(await isKnown(instance, 1)).toBe(false);
  });

  it("counts among those that wait as long as it does", async () => {
    const [instance, keeps1] = [freshInstance(), storeKeeping(1)];
    const waiting = keys.instance(instance) + INSTANCE_KEYS.LABEL_WAITING;
    await applyTo(keeps1, instance, [sent(0)]);
    await redis.hset(waiting, Math.floor(Date.now() / 86_400_000) - 29, WAITING_IDS_MAX);
    expect(await keeps1.labels.label(instance, "spring", [{ idMessage: idOf(1) }])).toEqual({
      refusal: "too_many_waiting",
    });
  });
});
