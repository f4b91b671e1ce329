import type { MessageEvent } from "@ticktally/core";
import { applyTo, HISTORY_START } from "@ticktally/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { packPeriods, unpackPeriods } from "./instance-epoch.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { recordsUnder } from "./stored-records.ts";

const redis = testConnection("worker");
const keys = testKeys();
const store = testStore(redis, { keys, retentionDays: 30 });
/** Too long ago for a period to take more messages, and not long enough for it to end. */
const AGE_SECONDS = 16 * 86_400;

afterAll(() => {
  redis.disconnect();
});

function event(message: number, status: "sent" | "read"): MessageEvent {
  const time = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };
  return {
    kind: "status",
    status,
    idMessage: `M${String(message)}`,
    chatId: "79001234567@c.us",
    origin: "api",
    ...time,
  };
}

/** Make periods look as if they had been opened earlier. */
async function age(instance: string): Promise<void> {
  const meta = keys.instance(instance) + INSTANCE_KEYS.META;
  const periods = unpackPeriods((await redis.hgetBuffer(meta, "periods")) ?? Buffer.alloc(0));
  const aged = periods.map((period) => {
    return { ...period, opened: period.opened - AGE_SECONDS, expires: period.expires - AGE_SECONDS };
  });
  await redis.hset(meta, "periods", packPeriods(aged));
}

/** @param move is called after the first records were read @returns how many different ones were read in all */
async function readWhile(instance: string, move: () => Promise<unknown>): Promise<number> {
  const found = new Set<string>();
  let isMoved = false;
  for await (const records of recordsUnder(redis, keys.instance(instance))) {
    for (const [field] of records) found.add(field.toString("latin1"));
    if (!isMoved) await move();
    isMoved = true;
  }
  return found.size;
}

// Otherwise the phone number of a chat that was to be forgotten stays, although the answer says that it is gone.
describe("a record that moves while all are read", () => {
  it("from an older period to the present one is among them", async () => {
    const instance = "92001";
    await applyTo(store, instance, [event(0, "sent")]);
    await age(instance);
    await applyTo(store, instance, [event(1, "sent")]);
    expect(await readWhile(instance, async () => applyTo(store, instance, [event(0, "read")]))).toBe(2);
  });

  it("to a period that is opened meanwhile is among them", async () => {
    const instance = "92002";
    await applyTo(store, instance, [event(0, "sent")]);
    await age(instance);
    await applyTo(store, instance, [event(1, "sent")]);
    await age(instance);
    const move = async () => applyTo(store, instance, [event(1, "read"), event(2, "sent")]);
    expect(await readWhile(instance, move)).toBe(3);
  });
});
