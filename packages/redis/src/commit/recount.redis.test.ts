import { hourOf } from "@ticktally/core";
import { applyTo, everything, HISTORY_START, MemoryMessageStore, timesOf } from "@ticktally/core/testing";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { PendingAdder } from "./pending-adder.ts";
import { COUNT_KEYS, INSTANCE_KEYS } from "../keys.ts";
import { Upgrade } from "../layout-1/upgrade.ts";
import { RedisInstanceRegistry } from "../instances/instance-registry.ts";
import { layoutOf } from "../connection/stored-layout.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const INSTANCE = "7103000001";
const damaged: string[] = [];
const onDamage = (instance: string) => damaged.push(instance);
const freshStore = () => testStore(redis, { keys, retentionDays: 30, onDamage });
afterAll(() => redis.disconnect());

const HOUR = 3600;
const events = Array.from({ length: 300 }, (_, i) => {
  const at = HISTORY_START + (i % 20) * HOUR;
  const of = { idMessage: `M${String(i)}`, origin: "api", chatId: "79001234567@c.us", receivedAt: at + 5 } as const;
  return [
    { ...of, kind: "observation", direction: "outgoing", type: i % 3 === 0 ? "image" : "text", at },
    { ...of, kind: "status", status: "sent", at: at + 1 },
    { ...of, kind: "status", status: "read", at: at + 2 * HOUR, receivedAt: at + 2 * HOUR },
  ] as const;
}).flat();

/** Convert the data to that of the previous version: records of version 2, and without counts that it did not have. */
async function madeOld(): Promise<void> {
  await new PendingAdder({ redis, keys, onDamage }).add(INSTANCE);
  const root = keys.instance(INSTANCE);
  for (const name of await redis.keys(`${root}*`)) {
    const isNew = [COUNT_KEYS.kinds, COUNT_KEYS.cohorts, COUNT_KEYS.latencies].some(({ prefix }) =>
      name.startsWith(root + prefix),
    );
    if (isNew) await redis.del(name);
    if (!name.startsWith(root + INSTANCE_KEYS.MESSAGES)) continue;
    // Fields are binary.
    const fields = z.array(z.instanceof(Buffer)).parse(await redis.callBuffer("HKEYS", name));
    for (const field of fields) {
      const old = Buffer.from((await redis.hgetBuffer(name, field)) ?? "");
      old[0] = 2;
      await redis.hset(name, field, old);
    }
  }
  await redis.set(keys.instanceNamesOld, "layout 2");
}

it("counts the data of the previous version once by the current rules", async () => {
  const memory = new MemoryMessageStore();
  const [before, late] = [events.slice(0, 700), events.slice(700)];
  for (const store of [freshStore(), memory]) await applyTo(store, INSTANCE, before);
  await new RedisInstanceRegistry(redis, keys).register([INSTANCE]);
  await madeOld();
  expect(await layoutOf(redis, keys)).toBe("before");

  // Some messages are converted by their next event, before all others.
  for (const store of [freshStore(), memory]) await applyTo(store, INSTANCE, late);
  const upgrade = async () => new Upgrade({ redis, keys, retentionDays: 30, now: Date.now }).run(() => undefined);
  const report = await upgrade();
  expect(report?.messages).toBeGreaterThan(100);
  expect(report?.messages).toBeLessThan(234);
  expect(await upgrade()).toBeUndefined();
  expect(await freshStore().recount(INSTANCE)).toBe(0);

  const [from, to] = [hourOf(HISTORY_START) - 48, hourOf(HISTORY_START) + 96];
  expect(await timesOf(freshStore(), INSTANCE, from, to)).toEqual(await timesOf(memory, INSTANCE, from, to));
  const [stored, right] = [
    await everything(freshStore(), INSTANCE, events),
    await everything(memory, INSTANCE, events),
  ];
  expect(stored).toEqual(right);
  expect(damaged).toEqual([]);
});
