import type { InstanceEvent } from "@ticktally/core";
import { applyTo, everything, HISTORY_START, MemoryMessageStore, NOW, timesOf } from "@ticktally/core/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { unpackPeriods, packPeriods } from "../instances/instance-epoch.ts";
import { writeRecord, recordBytesMax } from "../records/record-codec.ts";
import { recordField } from "../records/record-field.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { InstanceBases } from "../instances/instance-basis.ts";

const redis = testConnection("worker");
const keys = testKeys();
const damaged: string[] = [];
const options = { keys, retentionDays: 30, onDamage: (instance: string) => damaged.push(instance) };
const store = testStore(redis, options);
let instances = 100;
const freshInstance = () => String(++instances);
const HOUR = 3600;
/** As in record-reader.ts: what one reply may hold of recipients and texts. */
const EXTRA_BYTES_MAX = 512 * 1024;

afterEach(() => {
  expect(damaged).toEqual([]);
});
afterAll(() => {
  redis.disconnect();
});

const numbers = (length: number) => Array.from({ length }, (_, i) => i);

function sent(i: number, more: Partial<InstanceEvent> = {}): InstanceEvent {
  const chatId = `${String(79_000_000_000 + i)}@c.us`;
  const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };
  const base = { kind: "status", status: "sent", idMessage: `M${String(i)}`, chatId, origin: "api", ...time };
  return { ...base, ...more } as InstanceEvent;
}

async function sizes(instance: string): Promise<readonly number[]> {
  const buckets = await redis.keys(`${keys.instance(instance)}messages:*`);
  for (const bucket of buckets) expect(await redis.ttl(bucket), bucket).toBeGreaterThan(0);
  return Promise.all(buckets.map(async (key) => redis.hlen(key)));
}

describe("one call", () => {
  it("with 1,000 messages of 1,000 hours, days and chats is counted completely and once", async () => {
    const [instance, memory] = [freshInstance(), new MemoryMessageStore()];
    // Each message in another hour, and the newest 380 on different days, up to a year ago.
    const events = numbers(1000).flatMap((i) => {
      const at = HISTORY_START - i * HOUR - (i < 380 ? i * 23 * HOUR : 0);
      return [sent(i, { at, receivedAt: at + 1 }), sent(i, { status: "read", at: at + 7 * HOUR, receivedAt: at })];
    });
    for (const one of [store, memory]) await applyTo(one, instance, events);
    expect(new Set(await applyTo(testStore(redis, options), instance, events))).toEqual(new Set(["duplicate"]));
    await applyTo(memory, instance, events);
    expect(await everything(store, instance, events)).toEqual(await everything(memory, instance, events));
    expect(Math.max(...(await sizes(instance)))).toBeLessThan(128);
    const from = Math.floor(HISTORY_START / HOUR) - 24 * 380;
    expect(await timesOf(store, instance, from, from + 24 * 381)).toEqual(
      await timesOf(memory, instance, from, from + 24 * 381),
    );
  });

  it("splits buckets repeatedly, and converts chats to a HyperLogLog", async () => {
    const instance = freshInstance();
    const events = numbers(1000).map((i) => sent(i));
    await applyTo(store, instance, [sent(-1), sent(-2), ...events]);
    expect((await sizes(instance)).length).toBe(Math.ceil(1002 / 40));
    const [summary] = await store.summaries([instance], NOW);
    expect(Math.abs((summary?.uniqueChats.individual ?? 0) - 1002)).toBeLessThan(20);
    expect(new Set(await applyTo(testStore(redis, options), instance, events))).toEqual(new Set(["duplicate"]));
  });

  it("splits a bucket of 20,000 records, and loses none", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent(0)]);
    const bases = new InstanceBases(redis, keys);
    await bases.learn([{ instance }]);
    const record = await store.message(instance, "M0", "outgoing");
    if (record === undefined) throw new Error("there is no record");
    const packed = Buffer.alloc(recordBytesMax(record));
    const value = packed.subarray(0, writeRecord(packed, 0, record, undefined));
    const root = keys.instance(instance);
    for (let from = 1; from < 20_000; from += 1000)
      await redis.hset(
        `${root}messages:0:0`,
        ...numbers(1000).flatMap((i) => [
          recordField("outgoing", `X${String(from + i)}`, bases.of(instance).hash),
          value,
        ]),
      );
    const [period] = unpackPeriods((await redis.hgetBuffer(`${root}meta`, "periods")) ?? Buffer.alloc(0));
    if (period === undefined) throw new Error("there is no period");
    await redis.hset(`${root}meta`, "periods", packPeriods([{ ...period, records: 20_000 }]));
    await applyTo(
      testStore(redis, options),
      instance,
      numbers(300).map((i) => sent(i + 1)),
    );
    const all = await sizes(instance);
    expect(all.reduce((sum, size) => sum + size, 0)).toBe(20_301);
    expect(all.length).toBe(301);
    for (const id of ["X1", "X777", "X20000", "M0", "M300"])
      expect((await store.message(instance, id, "outgoing"))?.isKnown, id).toBe(true);
  });

  it("with many messages of 1,000 recipients is stored completely, although they do not fit into one reply", async () => {
    const instance = freshInstance();
    const ids = numbers(8).map((i) => `STORY${String(i)}`);
    const longChat = (i: number) => `${String(i).padStart(110, "ab c")}@c.us`;
    const about = (idMessage: string, status: string, recipients: number) =>
      numbers(recipients).map((i) => sent(i, { idMessage, status, chatId: longChat(i) } as Partial<InstanceEvent>));
    for (const id of ids) await applyTo(store, instance, about(id, "delivered", 1000));
    const again = ids.flatMap((id) => about(id, "read", 25));
    const kept = (await redis.hvalsBuffer(`${keys.instance(instance)}extras:0`)).reduce(
      (sum, { length }) => sum + length,
      0,
    );
    expect(kept).toBeGreaterThan(EXTRA_BYTES_MAX);
    expect(new Set(await applyTo(store, instance, again))).toEqual(new Set(["advanced", "duplicate"]));
    expect(new Set(await applyTo(testStore(redis, options), instance, again))).toEqual(new Set(["duplicate"]));
    expect((await store.message(instance, "STORY7", "outgoing"))?.recipients?.size).toBe(1000);
  });

  it("with 1,000 failures with long texts is stored completely", async () => {
    const instance = freshInstance();
    const failure = { status: "failed", reason: "other", description: "é💥".repeat(4_000) };
    const events = numbers(1000).map((i) => sent(i, failure as Partial<InstanceEvent>));
    await applyTo(store, instance, events);
    expect(new Set(await applyTo(testStore(redis, options), instance, events))).toEqual(new Set(["duplicate"]));
    expect(await store.recentFailures(instance)).toHaveLength(50);
  });
});

describe("records that move to another period", () => {
  it("take their data in other keys along, and leave no bucket without an expiry", async () => {
    const [instance, memory] = [freshInstance(), new MemoryMessageStore()];
    const failed = (i: number) =>
      sent(i, {
        status: "failed",
        reason: "other",
        description: "why",
        at: HISTORY_START + i,
      });
    const first = numbers(500).flatMap((i) => [sent(i), ...(i % 3 === 0 ? [failed(i)] : [])]);
    const stories = numbers(60).flatMap((i) => [1, 2, 3].map((r) => sent(r, { idMessage: `S${String(i)}` })));
    const [shorter, longer] = [30, 60].map((retentionDays) => testStore(redis, { ...options, retentionDays }));
    const all = [...first, ...stories];
    await applyTo(shorter ?? store, instance, all);
    const after = all.map((event) => ({ ...event, status: "read", at: HISTORY_START + 999 }) as InstanceEvent);
    await applyTo(longer ?? store, instance, after);
    for (const events of [all, after]) await applyTo(memory, instance, events);
    const orderFree = async (of: typeof store | MemoryMessageStore) => {
      const { summary, ...rest } = await everything(of, instance, all);
      return { ...rest, counts: new Map([...(summary.counts ?? [])].toSorted()) };
    };
    expect(await orderFree(store)).toEqual(await orderFree(memory));
    expect(await redis.exists(`${keys.instance(instance)}messages:0:0`, `${keys.instance(instance)}extras:0`)).toBe(0);
    // The buckets of the first period are empty; new records in them expire with the period.
    await applyTo(
      shorter ?? store,
      instance,
      numbers(40).map((i) => sent(1000 + i)),
    );
    expect((await sizes(instance)).length).toBeGreaterThan(20);
  });
});
