import { afterAll, beforeEach, expect, it } from "vitest";
import { RedisDeletedInstances } from "./deleted-instances.ts";
import { RedisInstanceRegistry } from "./instance-registry.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { testConnection, testKeys, testStore, type TestStore } from "../testing.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

let keys: Keys;
let store: TestStore;
beforeEach(() => {
  keys = testKeys();
  store = testStore(redis, { keys, retentionDays: 30 });
});

const NOW = Math.floor(Date.now() / 1000);

async function count(instance: string, idMessage: string): Promise<void> {
  const event = { kind: "status", status: "sent", idMessage, chatId: "79001234567@c.us", origin: "api" } as const;
  await store.apply([{ instance, events: [{ ...event, at: NOW, receivedAt: NOW, untimed: false }] }]);
}

const keysThere = async () => redis.keys(`${keys.instance("1")}*`);

it("deleted instances are listed with their time, until a list from a later time is requested", async () => {
  const registry = new RedisInstanceRegistry(redis, keys);
  const deleted = new RedisDeletedInstances(redis, keys);
  await registry.register(["1", "2"]);
  const before = Date.now();
  await registry.remove("1");
  const [only, ...more] = await deleted.since(before - 60_000);
  expect(only?.id).toBe("1");
  expect(Math.abs((only?.deletedAtMs ?? 0) - before)).toBeLessThan(5_000);
  expect(more).toEqual([]);
  expect(await deleted.since(before + 60_000)).toEqual([]);
  expect(await deleted.since(0)).toEqual([]);
});

it("remaining data is removed by its mark, unless something was stored since", async () => {
  expect(await store.forgetUnchanged("1", "")).toBe("");
  await count("1", "A");
  const mark = await store.forgetUnchanged("1", "");
  expect(mark).not.toBe("");
  await count("1", "B");
  const changed = await store.forgetUnchanged("1", mark);
  expect([mark, ""]).not.toContain(changed);
  expect(await store.message("1", "B", "outgoing")).toBeDefined();
  expect(await store.forgetUnchanged("1", changed)).toBe("");
  expect(await store.message("1", "B", "outgoing")).toBeUndefined();
  await store.erase();
  const meta = keys.instance("1") + INSTANCE_KEYS.META;
  expect(await keysThere()).toEqual([meta]);
  expect(await redis.ttl(meta)).toBeGreaterThan(0);
});

it("settings alone count as data, and an import in progress does not", async () => {
  await store.changeSettings("1", { ignoreGroupMessages: true });
  const mark = await store.forgetUnchanged("1", "");
  expect(mark).not.toBe("");
  await redis.set(keys.instance("1") + INSTANCE_KEYS.IMPORTING, "x");
  expect(await store.forgetUnchanged("1", mark)).toBe("");
  expect(await redis.hget(keys.instance("1") + INSTANCE_KEYS.META, "ignoreGroups")).toBe("1");
});
