import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { targetSink } from "../apps/api/src/alerts/target-sink.ts";
import { digestEvent, type AlertEvent } from "../packages/core/src/index.ts";
import {
  EventLanes,
  ForwardCipher,
  RedisTargets,
  sealSecrets,
  TargetOverviews,
  type Lane,
} from "../packages/redis/src/index.ts";
import { testConnection, testKeys } from "../packages/redis/src/testing.ts";
import type { StoredTarget } from "../packages/schemas/src/index.ts";

const redis = testConnection("reader");
beforeAll(async () => {
  await redis.ping().catch(async () => new Promise((resolve) => redis.once("ready", resolve)));
});
afterAll(() => {
  redis.disconnect();
});

const DIGEST = digestEvent("2026-10-05", { received: 1, sent: 2, delivered: 3, read: 4, failed: 5 });
const ALERT: AlertEvent = {
  kind: "alert",
  id: "TicktallyFailureSpike-1101-1-begins",
  phase: "begins",
  alert: "TicktallyFailureSpike",
  severity: "critical",
  of: "1101",
  at: 1_790_000_000,
  summary: "Messages of sales are failing",
  description: "…",
  runbookUrl: "https://example.com",
};

it("events go to the targets that subscribe to them, and to no others", async () => {
  const [keys, cipher] = [testKeys(), new ForwardCipher([randomBytes(32)])];
  const [targets, overviews] = [new RedisTargets(redis, keys), new TargetOverviews(redis, keys)];
  const add = async (name: string, given: Partial<StoredTarget>) => {
    const sealed = sealSecrets(cipher, name, { idKey: randomBytes(32).toString("base64") });
    const base = { id: name, name, url: "https://example.com/", state: "active", createdAt: 1, sealed } as const;
    await targets.add({ ...base, mode: "events", ...given });
  };
  await add("both", { filter: { events: ["alert", "digest"] } });
  await add("chat", { filter: { events: ["alert"] }, format: "text" });
  await add("others", { filter: { events: ["alert"] }, instances: ["1102"] });
  await add("messages", { filter: { events: ["message"] } });
  await add("all", {});
  await add("relay", { mode: "relay", filter: { events: ["alert"] } });
  await add("disabled", { state: "disabled", filter: { events: ["alert"] } });
  const woken: Lane[] = [];
  const sink = targetSink({
    targets,
    cipher,
    lanes: new EventLanes(redis, { keys, cipher, laneBytesMax: 10_000, allBytesMax: () => 100_000 }),
    queue: {
      wake: async (lanes) => {
        woken.push(...lanes);
        return Promise.resolve();
      },
    },
    now: () => 1_790_000_000_000,
  });
  for (const event of [ALERT, DIGEST]) await sink.send(event);
  const depths: [string, number][] = [];
  for (const { id } of (await targets.read()).targets) depths.push([id, (await overviews.overview(id)).depth]);
  expect(Object.fromEntries(depths)).toEqual({
    both: 2,
    chat: 1,
    others: 0,
    messages: 0,
    all: 0,
    relay: 0,
    disabled: 0,
  });
  expect(woken.map(({ target }) => target)).toEqual(["both", "chat", "both"]);
});
