import { afterAll, expect, it } from "vitest";
import { RedisPullLease } from "./pull-lease.ts";
import { testConnection, testKeys } from "../testing.ts";

const redis = testConnection("reader");

afterAll(() => {
  redis.disconnect();
});

it("has one holder at a time, which can extend and release it; no process can release another's lease", async () => {
  await redis.ping().catch(async () => new Promise((resolve) => redis.once("ready", resolve)));
  const keys = testKeys();
  const [one, other] = [new RedisPullLease(redis, keys, "one"), new RedisPullLease(redis, keys, "other")];
  expect(await one.hold("1", 60_000)).toBe(true);
  expect(await one.hold("1", 60_000)).toBe(true);
  await other.release("1");
  expect(await other.hold("1", 60_000)).toBe(false);
  expect(await other.hold("2", 60_000)).toBe(true);
  await one.release("1");
  expect(await other.hold("1", 60_000)).toBe(true);
});
