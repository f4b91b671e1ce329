import { CounterChanges, firstKeptHour, messagesSlot, type InstanceEvent } from "@ticktally/core";
import { applyTo, HISTORY_START, timesOf } from "@ticktally/core/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { HOURS_A_KEY, INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { pendingBytesMax, writePending } from "../records/pending-codec.ts";
import { defineScripts, PENDING_BYTES_MAX } from "../scripts.ts";
import { PendingAdder } from "./pending-adder.ts";

const redis = testConnection("worker");
const keys = testKeys();
const damaged: string[] = [];
const onDamage = (instance: string) => damaged.push(instance);
const store = testStore(redis, { keys, retentionDays: 30, onDamage });
const pending = new PendingAdder({ redis, keys, onDamage });
const COUNT_MAX = 2 ** 48 - 1;
const HOUR = Math.floor(HISTORY_START / 3600);
let instances = 100;
const freshInstance = () => String(++instances);

beforeEach(() => {
  damaged.length = 0;
});
afterAll(() => {
  redis.disconnect();
});

const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };

function sent(id: string, at = HISTORY_START): InstanceEvent {
  const chatId = "79001234567@c.us";
  return { kind: "status", status: "sent", idMessage: id, chatId, origin: "api", ...time, at };
}

async function count(instance: string): Promise<number> {
  const [totals] = await store.totals([instance]);
  return totals?.counts.get("messages/outgoing/api") ?? 0;
}

/** All counters that REST returns. */
async function counted(instance: string) {
  const now = HISTORY_START * 1000;
  return {
    summaries: await store.summaries([instance], now),
    totals: await store.totals([instance]),
    times: await timesOf(store, instance, HOUR - 1000, HOUR + 1000),
  };
}

async function pendingBytes(instance: string): Promise<number> {
  return redis.strlen(keys.instance(instance) + INSTANCE_KEYS.PENDING);
}

describe("changes of counters", () => {
  it("are included in counts while they are pending, after a part is added and after all are added", async () => {
    const instance = freshInstance();
    for (let n = 0; n < 30; n++) await applyTo(store, instance, [sent(`M${String(n)}`, HISTORY_START - 3600 * n)]);
    await pending.add(instance);
    expect(await pendingBytes(instance)).toBe(0);
    for (let n = 0; n < 30; n++)
      await applyTo(store, instance, [sent(`N${String(n)}`, HISTORY_START - 3600 * 11 * n), sent(`M${String(n)}`)]);
    const edit = { kind: "observation", direction: "outgoing", type: "edited", origin: "api", ...time } as const;
    await applyTo(store, instance, [{ ...edit, idMessage: "M3" }]);
    const expected = await counted(instance);
    expect(await pendingBytes(instance)).toBeGreaterThan(0);
    expect(expected.totals[0]?.counts.get("messages/outgoing/api")).toBe(59);
    expect(expected.totals[0]?.retracted.get("messages/outgoing/api")).toBe(1);
    await pending.add(instance);
    expect(await pendingBytes(instance)).toBe(0);
    expect(await counted(instance)).toEqual(expected);
  });

  it("are added once, even by several processes and while more arrive", async () => {
    const instance = freshInstance();
    const others = Array.from({ length: 3 }, () => new PendingAdder({ redis, keys, onDamage }));
    for (let n = 0; n < 40; n++)
      await Promise.all([
        applyTo(store, instance, [sent(`M${String(n)}`)]),
        ...others.map(async (other) => other.add(instance)),
      ]);
    await pending.add(instance);
    expect([await count(instance), await pendingBytes(instance), damaged]).toEqual([40, 0, []]);
  });

  it("are added automatically before there are many", async () => {
    const instance = freshInstance();
    for (let n = 0; n < 600; n++) await applyTo(store, instance, [sent(`M${String(n)}`, HISTORY_START + n)]);
    expect(await pendingBytes(instance)).toBeLessThan(10_000);
    expect(await count(instance)).toBe(600);
    expect(await redis.strlen(keys.instance(instance) + INSTANCE_KEYS.COUNTS)).toBeGreaterThan(0);
  });

  it("are deleted with their instance", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent("A")]);
    await store.forget(instance);
    expect([await count(instance), await pendingBytes(instance)]).toEqual([0, 0]);
    await applyTo(store, instance, [sent("B")]);
    await pending.add(instance);
    expect(await count(instance)).toBe(1);
  });

  it("that are damaged make the instance's counts unreadable, and are not changed", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent("A")]);
    await redis.append(keys.instance(instance) + INSTANCE_KEYS.PENDING, "x");
    await expect(store.totals([instance])).rejects.toThrow(`instance ${instance} cannot be read`);
    await expect(pending.add(instance)).rejects.toThrow(RangeError);
    pending.begin(instance);
    await expect.poll(() => damaged).toEqual([instance]);
  });
});

describe("a backlog of changes", () => {
  const BACKLOG_BYTES = 300 * 1024;

  /** @returns how many messages it counts */
  async function addBacklog(instance: string): Promise<number> {
    const changes = new CounterChanges();
    for (let n = 0; n < 500; n++) changes.addAt(messagesSlot(1, 1), HOUR - n, 1);
    const target = Buffer.alloc(pendingBytesMax(changes));
    const entry = target.subarray(0, writePending(target, 0, changes));
    const entries = Math.ceil(BACKLOG_BYTES / entry.length);
    const all = Buffer.concat(Array.from({ length: entries }, () => entry));
    await redis.append(keys.instance(instance) + INSTANCE_KEYS.PENDING, all);
    return 500 * entries;
  }

  it("is added whole, though no further commit asks for it", async () => {
    const instance = freshInstance();
    await addBacklog(instance);
    const before = await counted(instance);
    pending.begin(instance);
    await expect.poll(async () => pendingBytes(instance)).toBeLessThanOrEqual(PENDING_BYTES_MAX);
    expect(await counted(instance)).toEqual(before);
  });

  it("is added once by several processes, which let each other finish", async () => {
    const instance = freshInstance();
    const messages = await addBacklog(instance);
    let calls = 0;
    const others = Array.from({ length: 4 }, () => {
      const own = testConnection("worker");
      defineScripts(own);
      const send = own.addPending.bind(own);
      own.addPending = async (...args: Parameters<typeof send>) => {
        calls += 1;
        return send(...args);
      };
      return { own, adder: new PendingAdder({ redis: own, keys, onDamage }) };
    });
    for (const { adder } of others) adder.begin(instance);
    await expect.poll(async () => pendingBytes(instance), { timeout: 5_000 }).toBeLessThanOrEqual(PENDING_BYTES_MAX);
    expect(calls).toBeLessThan(50);
    expect([await count(instance), damaged]).toEqual([messages, []]);
    for (const { own } of others) own.disconnect();
  });

  it("makes commits of its instance wait for it, at most for a while, and none of others", async () => {
    const [instance, other] = [freshInstance(), freshInstance()];
    const own = testConnection("worker");
    const slow = testStore(own, { keys, retentionDays: 30, onDamage });
    const messages = await addBacklog(instance);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let parts = 0;
    const [add, commit] = [own.addPending.bind(own), own.commitBatch.bind(own)];
    own.addPending = async (...args: Parameters<typeof add>) => {
      if (++parts === 2) await gate;
      return add(...args);
    };
    const committed: string[] = [];
    own.commitBatch = async (...args: Parameters<typeof commit>) => {
      committed.push(...args.slice(1, 1 + args[0]).map(String));
      return commit(...args);
    };
    await applyTo(slow, instance, [sent("A")]);
    await expect.poll(() => parts).toBe(2);
    committed.length = 0;
    const both = slow.apply([
      { instance, events: [sent("B")] },
      { instance: other, events: [sent("B")] },
    ]);
    await expect.poll(() => committed).toEqual([keys.instance(other)]);
    await applyTo(slow, other, [sent("C")]);
    expect(committed).toEqual([keys.instance(other), keys.instance(other)]);
    release();
    await both;
    expect(await pendingBytes(instance)).toBeLessThan(BACKLOG_BYTES / 2);
    expect([await count(instance), await count(other), damaged]).toEqual([messages + 2, 2, []]);

    await addBacklog(instance);
    parts = -1;
    own.addPending = async (...args: Parameters<typeof add>) => {
      if (++parts === 1) await new Promise(() => undefined);
      return add(...args);
    };
    await applyTo(slow, instance, [sent("D")]);
    await expect.poll(() => parts).toBe(1);
    await applyTo(slow, instance, [sent("E")]);
    own.disconnect();
  });
});

describe("a counter at its limit", () => {
  const field = async (instance: string, value: number) =>
    redis.call("BITFIELD", keys.instance(instance) + INSTANCE_KEYS.COUNTS, "SET", "u48", await slot(instance), value);

  /** The slot of the message counter, for an instance with one message. */
  async function slot(instance: string): Promise<string> {
    const stored = await redis.getBuffer(keys.instance(instance) + INSTANCE_KEYS.COUNTS);
    const { decodeCounts } = await import("../counters/counter-codec.ts");
    for (let n = 0; 6 * n < (stored?.length ?? 0); n++) {
      const one = Buffer.alloc(6 * n + 6);
      one.writeUIntBE(1, 6 * n, 6);
      if (decodeCounts(one).has("messages/outgoing/api")) return `#${String(n)}`;
    }
    throw new Error("the message is not counted");
  }

  it("stays at the largest number, and is reported", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent("A")]);
    await pending.add(instance);
    await field(instance, COUNT_MAX - 1);
    await applyTo(store, instance, [sent("B")]);
    await pending.add(instance);
    expect([await count(instance), damaged]).toEqual([COUNT_MAX, []]);
    await applyTo(store, instance, [sent("C"), sent("D")]);
    await pending.add(instance);
    expect([await count(instance), damaged]).toEqual([COUNT_MAX, [instance]]);
  });

  it("stays at 0, and is reported", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent("A")]);
    await pending.add(instance);
    await field(instance, 0);
    const edit = { kind: "observation", direction: "outgoing", type: "edited", origin: "api", ...time } as const;
    await applyTo(store, instance, [{ ...edit, idMessage: "A" }]);
    expect(await count(instance)).toBe(0);
    await pending.add(instance);
    expect([await count(instance), damaged]).toEqual([0, [instance]]);
  });

  it("of an hour with an invalid value, or the largest one, is not changed and is reported", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent("A")]);
    await pending.add(instance);
    const [hours = ""] = await redis.keys(`${keys.instance(instance)}hours:*`);
    for (const value of ["9223372036854775807", "many"]) {
      damaged.length = 0;
      for (const name of await redis.hkeys(hours)) await redis.hset(hours, name, value);
      await applyTo(store, instance, [sent(value)]);
      await pending.add(instance);
      expect(damaged).toEqual([instance]);
      expect(new Set(await redis.hvals(hours))).toEqual(new Set([value]));
    }
    expect(await count(instance)).toBe(3);
  });
});

describe("counts of an hour beyond the retention", () => {
  const OLDEST = firstKeptHour(Date.now() / 1000) + 1;

  it("are dropped, and the message is still in the totals", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [
      sent("old", (OLDEST - 48) * 3600),
      sent("just too old", (OLDEST - 2) * 3600),
      sent("kept", OLDEST * 3600),
    ]);
    const current = async () => ({
      sent: await count(instance),
      times: await timesOf(store, instance, OLDEST - 100, OLDEST + 10),
    });
    const before = await current();
    await pending.add(instance);
    expect(await current()).toEqual(before);
    expect(before.sent).toBe(3);
    expect(before.times.size).toBeGreaterThan(0);
    expect([...before.times.keys()].filter((key) => !key.includes(String(OLDEST)))).toEqual([]);
    const root = keys.instance(instance);
    expect(await redis.keys(`${root}hours:${String(Math.floor((OLDEST - 48) / HOURS_A_KEY))}`)).toEqual([]);
  });

  it("can be corrected without a report of damage", async () => {
    const instance = freshInstance();
    const at = (OLDEST - 48) * 3600;
    await applyTo(store, instance, [sent("old", at)]);
    await pending.add(instance);
    await applyTo(store, instance, [sent("old", at - 7200)]);
    await pending.add(instance);
    expect(damaged).toEqual([]);
    expect(await count(instance)).toBe(1);
  });
});
