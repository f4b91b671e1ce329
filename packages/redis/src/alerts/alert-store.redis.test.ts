import { digestEvent, type AlertEvent, type Sample } from "@ticktally/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testConnection, testKeys } from "../testing.ts";
import { RedisAlertStore } from "./alert-store.ts";

const redis = testConnection("reader");
beforeAll(async () => {
  await redis.ping().catch(async () => new Promise((resolve) => redis.once("ready", resolve)));
});
afterAll(() => {
  redis.disconnect();
});

const COUNTS = { sent: 4, delivered: 3, failed: 2, noAccount: 1 };
const ALL = new Map([["1101", COUNTS]]);
const TARGETS = new Map([["crm", { refused: 3, dropped: 2, dead: 1 }]]);
const sampleOf = (minute: number): Sample => ({
  minute,
  queueAgeSeconds: 1.5,
  grown: new Map([["meta:1", COUNTS]]),
  grownTargets: TARGETS,
});
const DIGEST = { received: 1, sent: 2, delivered: 3, read: 4, failed: 5 };

/** Two processes. */
function two() {
  const keys = testKeys();
  return { keys, one: new RedisAlertStore(redis, keys, "one"), other: new RedisAlertStore(redis, keys, "other") };
}

it("only the leader writes", async () => {
  const { one, other } = two();
  expect(await one.lead()).toBe(0);
  expect(await other.lead()).toBeUndefined();
  expect(
    await other.commit({
      sample: sampleOf(100),
      counts: ALL,
      targetCounts: TARGETS,
      states: [],
      events: [digestEvent("d", DIGEST)],
    }),
  ).toBe(false);
  expect(await other.commitDigest(5, undefined)).toBe(false);
  expect(await one.unsent()).toEqual([]);
  expect(await one.commit({ sample: sampleOf(100), counts: ALL, targetCounts: TARGETS, states: [], events: [] })).toBe(
    true,
  );
});

it("a process that loses the lease during a round writes nothing, and the next leader continues", async () => {
  const { keys, one, other } = two();
  await one.lead();
  const state = {
    alert: "TicktallyQueueStuck",
    of: "",
    summary: "stuck",
    since: 99,
    lastHeld: 100,
    isFiring: true,
  } as const;
  const event = digestEvent("2026-10-05", DIGEST);
  expect(
    await one.commit({ sample: sampleOf(100), counts: ALL, targetCounts: TARGETS, states: [state], events: [event] }),
  ).toBe(true);
  await redis.del(`${keys.alerting}lease`);
  expect(await other.lead()).toBe(100);
  expect(
    await one.commit({ sample: sampleOf(101), counts: ALL, targetCounts: TARGETS, states: [], events: [event] }),
  ).toBe(false);
  expect(await other.states()).toEqual([state]);
  expect(await other.counts()).toEqual(ALL);
  expect(await other.targetCounts()).toEqual(TARGETS);
  expect(await other.samples(101)).toEqual([sampleOf(100)]);
  expect(await other.unsent()).toEqual([event]);
});

it("a minute and a day are processed once, even with repeats", async () => {
  const { one } = two();
  const event = digestEvent("2026-10-05", DIGEST);
  await one.lead();
  expect(await one.digestDay()).toBeUndefined();
  for (const isFirst of [true, false]) {
    expect(
      await one.commit({ sample: sampleOf(100), counts: ALL, targetCounts: TARGETS, states: [], events: [event] }),
    ).toBe(isFirst);
    expect(await one.commitDigest(20_000, event)).toBe(isFirst);
  }
  expect(await one.digestDay()).toBe(20_000);
  expect(await one.unsent()).toEqual([event, event]);
});

it("samples of an hour are kept, even if some are missing", async () => {
  const { one } = two();
  await one.lead();
  for (const minute of [1, 39, 40, 70, 99, 100])
    expect(
      await one.commit({ sample: sampleOf(minute), counts: ALL, targetCounts: TARGETS, states: [], events: [] }),
    ).toBe(true);
  expect((await one.samples(101)).map(({ minute }) => minute)).toEqual([70, 99, 100]);
  expect((await one.samples(100)).map(({ minute }) => minute)).toEqual([40, 70, 99]);
});

it("sent events are removed, and at most the newest thousand unsent ones are kept", async () => {
  const { one } = two();
  await one.lead();
  const events: readonly AlertEvent[] = Array.from({ length: 1_002 }, (_, i) => digestEvent(String(i), DIGEST));
  await one.commit({ sample: sampleOf(1), counts: ALL, targetCounts: TARGETS, states: [], events });
  const [first, second] = events.slice(2);
  expect((await one.unsent()).slice(0, 2)).toEqual([first, second]);
  if (first !== undefined) await one.sent(first);
  expect((await one.unsent())[0]).toEqual(second);
});
