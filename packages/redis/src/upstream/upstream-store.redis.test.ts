import { afterAll, expect, it, vi } from "vitest";
import { RedisInstanceRegistry } from "../instances/instance-registry.ts";
import { testConnection, testKeys } from "../testing.ts";
import { RedisUpstreamStore } from "./upstream-store.ts";

const redis = testConnection("reader");
const store = new RedisUpstreamStore(redis, testKeys());

afterAll(() => {
  redis.disconnect();
});

it("stores the upstream of an instance until it is removed", async () => {
  await redis.ping().catch(async () => new Promise((resolve) => redis.once("ready", resolve)));
  const upstream = {
    apiUrl: "https://7103.api.greenapi.com",
    apiTokenInstance: "t0ken",
    pull: true,
    reconcileEveryMinutes: 0,
  };
  await store.setUpstream("1", upstream);
  await store.setUpstream("2", { ...upstream, pull: false });
  expect(await store.upstream("1")).toEqual(upstream);
  expect([...(await store.upstreams()).keys()].sort()).toEqual(["1", "2"]);
  await store.setUpstream("1", undefined);
  expect(await store.upstream("1")).toBeUndefined();
  expect((await store.upstreams()).size).toBe(1);
});

it("reads those of very many instances in pieces", async () => {
  const upstream = { apiUrl: "https://7103.api.greenapi.com", apiTokenInstance: "t0ken", pull: false };
  const ids = Array.from({ length: 2_500 }, (_, n) => String(1_000 + n));
  const stored = JSON.stringify({ ...upstream, reconcileEveryMinutes: 0 });
  const keys = testKeys();
  await redis.hset(keys.upstreams, ...ids.flatMap((id) => [id, stored]));
  const [scans, whole] = [vi.spyOn(redis, "hscan"), vi.spyOn(redis, "hgetall")];
  const found = await new RedisUpstreamStore(redis, keys).upstreams();
  expect([...found.keys()].sort()).toEqual(ids);
  expect([scans.mock.calls.length > 1, whole.mock.calls.length]).toEqual([true, 0]);
});

it("forgets the upstream of an instance that is not registered, but not of one that is registered meanwhile", async () => {
  const upstream = { apiUrl: "https://7103.api.greenapi.com", apiTokenInstance: "t0ken", pull: false };
  const keys = testKeys();
  const [own, registry] = [new RedisUpstreamStore(redis, keys), new RedisInstanceRegistry(redis, keys)];
  for (const id of ["1", "2", "3"]) await own.setUpstream(id, { ...upstream, reconcileEveryMinutes: 60 });
  await registry.create({ id: "1", name: "shop" });
  for (const id of ["1", "2"]) await own.forgetUnregistered(id);
  expect([...(await own.upstreams()).keys()].sort()).toEqual(["1", "3"]);

  const change = vi.spyOn(redis, "changeKeysBuffer");
  change.mockImplementationOnce(async (...args) => {
    const answer = await redis.changeKeysBuffer(...args);
    // After it was read, before it is written.
    await registry.create({ id: "3", name: "bot" });
    return answer;
  });
  await own.forgetUnregistered("3");
  change.mockRestore();
  expect(await own.upstream("3")).toMatchObject(upstream);
});
