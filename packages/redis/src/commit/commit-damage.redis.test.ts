import { readdirSync } from "node:fs";
import { messagesSlot, StoreRejectedError, StoreUnavailableError, type InstanceEvent } from "@ticktally/core";
import { applyTo, HISTORY_START, timesOf } from "@ticktally/core/testing";
import { inject } from "vitest";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../connection/connection.ts";
import { checkRedis } from "../connection/redis-health.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { TRIES } from "../connection/used-commands.ts";
import { defineScripts, script } from "../scripts.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { PendingAdder } from "./pending-adder.ts";

const redis = testConnection("worker");
const keys = testKeys();
const damaged: string[] = [];
const onDamage = (instance: string) => damaged.push(instance);
const freshStore = () => testStore(redis, { keys, retentionDays: 30, onDamage });
const store = freshStore();
const pending = new PendingAdder({ redis, keys, onDamage });
let instances = 100;
const freshInstance = () => String(++instances);
const user = `test-${crypto.randomUUID()}`;

beforeEach(() => {
  damaged.length = 0;
});
afterAll(async () => {
  await redis.call("ACL", "DELUSER", user);
  redis.disconnect();
});

const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };

function sent(id: string, chatId = "79001234567@c.us"): InstanceEvent {
  const chatKind = chatId.endsWith("@g.us") ? "group" : "individual";
  return { kind: "status", status: "sent", idMessage: id, chatId, chatKind, origin: "api", ...time };
}

/** Events with recipients and a failure text, so that the keys EXTRAS and FAILED are used. */
function failedStory(id: string): InstanceEvent[] {
  const base = { kind: "status", idMessage: id, origin: "api", ...time } as const;
  return [
    { ...base, status: "failed", reason: "other", description: "why", chatId: "79001234567@c.us" },
    { ...base, status: "read", chatId: "79001234568@c.us" },
    { ...base, status: "failed", reason: "other", description: "why" },
  ];
}

async function count(instance: string): Promise<number> {
  const [totals] = await store.totals([instance]);
  return totals?.counts.get("messages/outgoing/api") ?? 0;
}

describe("a key of the wrong type", () => {
  const block = Math.floor(Math.floor(HISTORY_START / 3600) / 8);
  const dayBlock = Math.floor(Math.floor(HISTORY_START / 86_400) / 64);

  it.each([
    ["HOURS", `hours:${String(block)}`],
    ["DAYS", `days:${String(dayBlock)}`],
    ["CHATS", "chats:0"],
    ["ARRIVALS", `arrivals:0:${String(Math.floor(Date.now() / 86_400_000))}`],
    ["EXTRAS", "extras:0"],
    ["FAILED", INSTANCE_KEYS.FAILED],
    ["RETRACTED", INSTANCE_KEYS.RETRACTED],
  ])("%s is reported, and everything else of the call is stored", async (_, key) => {
    const [before, broken, after] = [freshInstance(), freshInstance(), freshInstance()];
    const type = key === INSTANCE_KEYS.FAILED || key.startsWith("hours") || key.startsWith("days") ? "list" : "text";
    if (type === "list") await redis.rpush(keys.instance(broken) + key, "x");
    else if (key === INSTANCE_KEYS.RETRACTED || key === INSTANCE_KEYS.PENDING)
      await redis.hset(keys.instance(broken) + key, "x", "x");
    else await redis.set(keys.instance(broken) + key, "x");
    const events = [sent("A"), ...failedStory("B")];
    await store.apply([before, broken, after].map((instance) => ({ instance, events })));
    // A correction: the story turns out to be an edit.
    const edit = { kind: "observation", direction: "outgoing", type: "edited", origin: "api", ...time } as const;
    await store.apply([before, broken, after].map((instance) => ({ instance, events: [{ ...edit, idMessage: "A" }] })));
    for (const instance of [before, broken, after]) await pending.add(instance);
    expect(new Set(damaged)).toEqual(new Set([broken]));
    if (key === INSTANCE_KEYS.RETRACTED) await redis.del(keys.instance(broken) + key);
    expect(await Promise.all([before, broken, after].map(count))).toEqual([1, 1, 1]);
    expect((await freshStore().message(broken, "A", "outgoing"))?.type).not.toBe(0);
  });

  it("PENDING, which is written first, affects only its instance", async () => {
    const [broken, after] = [freshInstance(), freshInstance()];
    await store.changeSettings(broken, { ignoreGroupMessages: true });
    await redis.hset(keys.instance(broken) + INSTANCE_KEYS.PENDING, "x", "x");
    const ignored = sent("A", "120363347693198097@g.us");
    await store.apply([
      { instance: broken, events: [ignored] },
      { instance: after, events: [sent("A")] },
    ]);
    expect(damaged).toEqual([broken]);
    expect(await count(after)).toBe(1);
  });

  it("COUNTS is reported, and the hours are still counted", async () => {
    const instance = freshInstance();
    await redis.hset(keys.instance(instance) + INSTANCE_KEYS.COUNTS, "x", "x");
    await applyTo(store, instance, [sent("A")]);
    await pending.add(instance);
    expect(damaged).toEqual([instance]);
    const hour = Math.floor(HISTORY_START / 3600);
    const messages = `hours ${String(hour)} ${String(messagesSlot(1, 1))}`;
    expect((await timesOf(store, instance, hour, hour)).get(messages)).toBe(1);
  });

  it.each(["META", "a bucket", "the summary", "the periods"])(
    "%s keeps only its own instance from being stored",
    async (which) => {
      const [before, broken, after] = [freshInstance(), freshInstance(), freshInstance()];
      const root = keys.instance(broken);
      if (which === "META") await redis.set(root + INSTANCE_KEYS.META, "x");
      else {
        await applyTo(store, broken, [sent("OLD")]);
        if (which === "a bucket") {
          await redis.del(`${root}messages:0:0`);
          await redis.set(`${root}messages:0:0`, "x");
        } else await redis.hset(root + INSTANCE_KEYS.META, which === "the summary" ? "summary" : "periods", "abc");
      }
      const some = [before, broken, after].map((instance) => ({ instance, events: [sent("A")] }));
      // One store that has read the instance before, and one that has not.
      await expect(store.apply(some)).rejects.toThrow(StoreRejectedError);
      await expect(freshStore().apply(some)).rejects.toThrow(`instance ${broken} cannot be read`);
      expect([await count(before), await count(after)]).toEqual([1, 1]);
      expect(damaged).toEqual([]);
      const [totals] = await store.totals([after]);
      expect(totals?.counts.get("outcomes/created")).toBe(1);
    },
  );

  it.each(["\x09abc", "\x02", "\x02\0\0\0\0\xff\xff"])(
    "an unreadable record keeps only its own instance from being stored: %j",
    async (value) => {
      const [before, broken, after] = [freshInstance(), freshInstance(), freshInstance()];
      await applyTo(store, broken, [sent("OLD")]);
      const bucket = `${keys.instance(broken)}messages:0:0`;
      for (const field of await redis.hkeysBuffer(bucket))
        await redis.hset(bucket, field, Buffer.from(value, "latin1"));
      const some = [before, broken, after].map((instance) => ({ instance, events: [sent("A"), sent("OLD")] }));
      await expect(freshStore().apply(some)).rejects.toThrow(`instance ${broken} cannot be read`);
      expect([await count(before), await count(broken), await count(after)]).toEqual([2, 1, 2]);
      expect(await applyTo(store, before, [sent("A")])).toEqual(["duplicate"]);
    },
  );

  it("of a bucket that records are moved to loses no record", async () => {
    const instance = freshInstance();
    const root = keys.instance(instance);
    await redis.set(`${root}messages:0:1`, "x");
    const events = Array.from({ length: 60 }, (_, i) => sent(`M${String(i)}`));
    await applyTo(store, instance, events);
    expect(damaged).toEqual([instance]);
    expect(await applyTo(freshStore(), instance, events)).toEqual(events.map(() => "duplicate"));
    expect(await count(instance)).toBe(60);
    await redis.del(`${root}messages:0:1`);
    await applyTo(store, instance, [sent("LAST")]);
    expect(await redis.hlen(`${root}messages:0:1`)).toBeGreaterThan(5);
    expect(await applyTo(freshStore(), instance, events)).toEqual(events.map(() => "duplicate"));
  });

  it("of the HyperLogLog for more than 1,000 chats loses no chat", async () => {
    const instance = freshInstance();
    const root = keys.instance(instance);
    await redis.hset(`${root}chats:0~`, "x", "x");
    const events = Array.from({ length: 1200 }, (_, i) => sent(`M${String(i)}`, `${String(79_000_000_000 + i)}@c.us`));
    for (let from = 0; from < 1200; from += 600) await applyTo(store, instance, events.slice(from, from + 600));
    expect(new Set(damaged)).toEqual(new Set([instance]));
    expect(await redis.hlen(`${root}chats:0`)).toBe(1200);
    await redis.del(`${root}chats:0~`);
    await applyTo(store, instance, [sent("LAST", "79111111111@c.us")]);
    const [summary] = await store.summaries([instance], HISTORY_START * 1000);
    expect(Math.abs((summary?.uniqueChats.individual ?? 0) - 1201)).toBeLessThan(25);
  });
});

describe("a user who may not use every command", () => {
  const target = new URL(inject("redisUrl"));
  target.username = user;
  target.password = "secret";

  async function limited(...rules: readonly string[]) {
    await redis.call("ACL", "SETUSER", user, "reset", "on", ">secret", "~*", "&*", "+@all", ...rules);
    const options = { cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 };
    return connect({ url: target.href, ...options }, "worker", (error) => {
      throw error;
    });
  }

  it.each(["pfadd", "hincrby", "zadd", "bitfield", "hget", "hset", "expireat", "rpush"])(
    "is found at the start: %s",
    async (command) => {
      const own = await limited(`-${command}`);
      const before = await checkRedis(own);
      expect(before.faults).toEqual([expect.stringContaining(`may not use ${command} `)]);
      expect(before.faults[0]).toContain(`+${command}`);
      await redis.call("ACL", "SETUSER", user, `+${command}`);
      expect((await checkRedis(own)).faults).toEqual([]);
      own.disconnect();
    },
  );

  it("is not checked again once everything was allowed", async () => {
    const own = await limited();
    expect((await checkRedis(own)).faults).toEqual([]);
    await redis.call("ACL", "SETUSER", user, "-pfadd");
    expect((await checkRedis(own)).faults).toEqual([]);
    own.disconnect();
  });

  // The permissions may also change while a process runs.
  it.each(["pfadd", "hincrby", "zadd", "append", "rpush", "hlen", "hgetall", "hkeys", "hdel", "expireat"])(
    "stores the rest and reports it if permissions change meanwhile: %s",
    async (command) => {
      const own = await limited(`-${command}`);
      const instance = freshInstance();
      const limitedStore = testStore(own, { keys, retentionDays: 30, onDamage });
      const events = Array.from({ length: 1100 }, (_, i) =>
        sent(`M${String(i)}`, `${String(79_000_000_000 + i)}@c.us`),
      );
      for (let from = 0; from < events.length; from += 550)
        await applyTo(limitedStore, instance, [...events.slice(from, from + 550), ...failedStory("F")]);
      own.disconnect();
      expect(new Set(damaged)).toEqual(new Set([instance]));
      expect(new Set(await applyTo(freshStore(), instance, events))).toEqual(new Set(["duplicate"]));
      expect(await count(instance)).toBe(command === "append" ? 0 : 1101);
    },
  );

  it("keeps changes pending that it may not add", async () => {
    const instance = freshInstance();
    await applyTo(store, instance, [sent("A"), sent("B")]);
    const own = await limited("-bitfield");
    defineScripts(own);
    await expect(new PendingAdder({ redis: own, keys, onDamage }).add(instance)).rejects.toThrow(StoreUnavailableError);
    own.disconnect();
    expect(await count(instance)).toBe(2);
    await pending.add(instance);
    expect([await count(instance), damaged]).toEqual([2, []]);
  });

  it.each(["hget", "hmget", "hset", "time"])("stores nothing without %s, and can be retried", async (command) => {
    const own = await limited(`-${command}`);
    const [a, b] = [freshInstance(), freshInstance()];
    await applyTo(store, a, [sent("A")]);
    const limitedStore = testStore(own, { keys, retentionDays: 30, onDamage });
    const batches = [a, b].map((instance) => ({ instance, events: [sent("A"), sent("B")] }));
    await expect(limitedStore.apply(batches)).rejects.toThrow(StoreUnavailableError);
    await redis.call("ACL", "SETUSER", user, `+${command}`);
    expect(await limitedStore.apply(batches)).toEqual([
      ["duplicate", "created"],
      ["created", "created"],
    ]);
    expect(damaged).toEqual([]);
    own.disconnect();
  });
});

describe("the commands that are checked at the start", () => {
  const names = readdirSync(new URL("../../lua", import.meta.url)).map((file) => file.replace(".lua", ""));

  it.each(names)("are all commands that %s uses", (name) => {
    const tried = new Set<string | undefined>(TRIES.map(([command]) => command));
    for (const [, command] of script(name).matchAll(/\b(?:call|try|write)\("([A-Z]+)"/g))
      expect(tried, command).toContain(command);
  });
});
