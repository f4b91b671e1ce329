import { afterAll, describe, expect, it, vi } from "vitest";
import { testConnection, testKeys } from "../testing.ts";
import { Outbox } from "./outbox.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

const numbers = (length: number) => Array.from({ length }, (_, i) => i);

function fresh() {
  const keys = testKeys();
  return { keys, outbox: new Outbox(redis, keys) };
}

// They run concurrently, because each waits until a request is in force.
describe.concurrent("a request for outbox events", () => {
  it("for more instances than the limit is one for all instances", async () => {
    const { keys, outbox } = fresh();
    await outbox.want(numbers(1_500).map(String), 600);
    await outbox.want(
      numbers(1_500).map((i) => String(5_000 + i)),
      600,
    );
    expect(await outbox.wantedUntil("nobody-asked")).toBeGreaterThan(0);
    expect(await redis.zcard(keys.outboxesWanted)).toBeLessThanOrEqual(2_000);
  });

  it("is in force from the same time for all its readers, even if it is repeated, until it ends", async () => {
    const { keys, outbox } = fresh();
    const begun = await outbox.want(["1"], 600);
    expect(begun).toBeLessThanOrEqual(await outbox.now());
    expect(await outbox.want(["1"], 700)).toBe(begun);
    expect(await new Outbox(redis, keys).want(["1"], 600)).toBe(begun);
    const wider = await outbox.want(["1", "2"], 600);
    expect(wider).toBeGreaterThan(begun);
    const all = await outbox.want("all", 600);
    expect(all).toBeGreaterThan(wider);
    expect(await outbox.want(["3"], 600)).toBe(all);
    expect(await outbox.want(["1"], 600)).toBe(begun);
    const ended = Math.floor(Date.now() / 1000) - 1;
    for (const member of ["1", "*"]) await redis.zadd(keys.outboxesWanted, String(ended), member);
    expect(await outbox.want(["1"], 600)).toBeGreaterThan(all);
    expect(await redis.zrange(keys.outboxesWantedSince, "0", "-1")).toEqual(["2", "3", "1"]);
  });

  it("is also awaited by another process that makes the same request before it is in force", async () => {
    const { keys, outbox } = fresh();
    const first = outbox.want("all", 600);
    const other = new Outbox(redis, keys);
    await vi.waitUntil(async () => (await redis.exists(keys.outboxesWanted)) === 1);
    const begun = await other.want(["1"], 600);
    expect(begun).toBe(await first);
    expect(await other.now()).toBeGreaterThanOrEqual(begun);
  });
});
