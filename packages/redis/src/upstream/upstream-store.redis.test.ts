import { afterAll, expect, it } from "vitest";
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
