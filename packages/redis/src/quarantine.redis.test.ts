import { afterAll, beforeAll, expect, it } from "vitest";
import type { QuarantineEntry } from "@ticktally/schemas";
import { RedisQuarantine } from "./quarantine.ts";
import { connected, testConnection, testKeys } from "./testing.ts";

const [one, other] = [testConnection("reader"), testConnection("reader")];

beforeAll(async () => {
  await connected(one, other);
});
afterAll(() => {
  for (const redis of [one, other]) redis.disconnect();
});

function entry(number: number): QuarantineEntry {
  const id = `e${String(number)}`;
  return { id, reason: "no_type", detail: "it has no type", receivedAtMs: number, text: "{}" };
}

it("drops no more than what is beyond its bound when two fill it at once, and tells how many", async () => {
  const keys = testKeys();
  const quarantines = [new RedisQuarantine(one, keys), new RedisQuarantine(other, keys)] as const;
  let put = 0;
  let dropped = 0;
  for (let round = 0; round < 100; round += 1) {
    const puts = Array.from({ length: 8 }, async (_, i) =>
      quarantines[i % 2 === 0 ? 0 : 1].put([entry((put += 1))], 10),
    );
    for (const count of await Promise.all(puts)) dropped += count;
    expect(await quarantines[0].size()).toBe(Math.min(put, 10));
  }
  expect(dropped).toBe(put - 10);
  const { entries } = await quarantines[0].list({}, 100);
  expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => `e${String(put - i)}`));
});

it("keeps a thousand and more at once within its bound", async () => {
  const quarantine = new RedisQuarantine(one, testKeys());
  const entries = Array.from({ length: 2_500 }, (_, i) => entry(i));
  expect(await quarantine.put(entries, 40)).toBe(2_460);
  expect(await quarantine.size()).toBe(40);
});
