import { firstKeptHour } from "@ticktally/core";
import { applyTo, sentAndDelivered } from "@ticktally/core/testing";
import { afterAll, expect, it } from "vitest";
import { PendingAdder } from "../commit/pending-adder.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const damaged: string[] = [];
const onDamage = (instance: string) => damaged.push(instance);
const store = testStore(redis, { keys, retentionDays: 30, onDamage });
const adder = new PendingAdder({ redis, keys, onDamage });
const [sent] = sentAndDelivered();

afterAll(() => {
  redis.disconnect();
  expect(damaged).toEqual([]);
});

it("labels have no counts in hours beyond the retention, but their messages are in the total", async () => {
  const [instance, oldest] = ["90001", firstKeptHour(Date.now() / 1000) + 1];
  for (const [idMessage, hour] of [
    ["old", oldest - 30],
    ["kept", oldest],
  ] as const)
    await applyTo(store, instance, [{ ...sent, idMessage, at: hour * 3600 }]);
  await store.labels.label(instance, "spring", [{ idMessage: "old" }, { idMessage: "kept" }]);
  for (const addIt of [true, false]) {
    const hours = new Set<number>();
    await store.labels.eachLabelCount(instance, oldest - 100, oldest + 10, (_, hour) => hours.add(hour));
    expect([...hours].filter((hour) => hour < oldest - 1)).toEqual([]);
    if (addIt) await adder.add(instance);
    else expect(hours).toContain(oldest);
  }
  const day = Math.floor((oldest - 30) / 24);
  expect(await redis.keys(`${keys.instance(instance)}*label-hours:${String(day)}`)).toEqual([]);
  expect(await store.labels.labels(instance)).toEqual([{ label: "spring", messages: 2 }]);
});
