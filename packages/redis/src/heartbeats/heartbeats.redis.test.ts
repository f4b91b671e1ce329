import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connected, testConnection, testKeys } from "../testing.ts";
import { Heartbeat, RedisHeartbeats } from "./heartbeats.ts";

const redis = testConnection("reader");
beforeAll(async () => connected(redis));
afterAll(() => redis.disconnect());

const readiness = async () => Promise.resolve({ ready: true, reasons: [], warnings: [] });

describe("a process's heartbeat", () => {
  it("has rates, also for a process that reuses one object for its counts", async () => {
    const keys = testKeys();
    const totals = { counted: 100 };
    let nowMs = 1_000_000;
    const heartbeat = new Heartbeat(redis, keys, { app: "worker", readiness, totals: () => totals, now: () => nowMs });
    totals.counted += 50;
    nowMs += 10_000;
    heartbeat.start();
    const before = await vi.waitFor(async () => {
      const found = await new RedisHeartbeats(redis, keys).list();
      expect(found).toHaveLength(1);
      return found;
    });
    await heartbeat.stop();
    expect(before).toMatchObject([{ app: "worker", ready: true, ratesPerSecond: { counted: 5 } }]);
  });
  it("is sent at once, even if there is no connection at the start", async () => {
    const [keys, connecting] = [testKeys(), testConnection("reader")];
    const options = { app: "api", readiness, totals: () => ({}), now: Date.now } as const;
    const heartbeat = new Heartbeat(connecting, keys, options);
    heartbeat.start();
    await vi.waitFor(async () => {
      expect(await new RedisHeartbeats(redis, keys).list()).toMatchObject([{ app: "api" }]);
    });
    await heartbeat.stop();
    connecting.disconnect();
  });
});
