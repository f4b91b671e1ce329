import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { KnownInstances } from "../apps/worker/src/known-instances.ts";
import { RedisInstanceRegistry } from "../packages/redis/src/index.ts";
import { testConnection, testKeys } from "../packages/redis/src/testing.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

let registry: RedisInstanceRegistry;
let keys: ReturnType<typeof testKeys>;
let clock: number;
beforeEach(() => {
  keys = testKeys();
  registry = new RedisInstanceRegistry(redis, keys);
  clock = 1;
});
const known = (autoRegister: boolean) => new KnownInstances(registry, autoRegister, () => clock);
const remove = async (id: string) => redis.hdel(keys.instanceNames, id);

describe("instances that register themselves", () => {
  it("are registered by their first webhook", async () => {
    expect(await known(true).admitted(["1", "2"])).toEqual(new Set(["1", "2"]));
    expect(await registry.registered(["1", "2", "3"])).toEqual(["1", "2"]);
  });

  it("are registered again after a deletion by the first webhook after ten seconds", async () => {
    const instances = known(true);
    await instances.admitted(["1", "2"]);
    await remove("1");
    clock += 9_999;
    expect(await instances.admitted(["1"])).toEqual(new Set(["1"]));
    expect(await registry.registered(["1"])).toEqual([]);
    clock += 1;
    await instances.admitted(["2"]);
    expect(await registry.registered(["1"])).toEqual([]);
    await instances.admitted(["1"]);
    expect(await registry.registered(["1"])).toEqual(["1"]);
  });

  it("are registered again at once if the registry is read", async () => {
    const instances = known(true);
    await instances.admitted(["1", "2"]);
    await remove("1");
    expect(await instances.admittedNow(["1", "2"])).toEqual(new Set(["1", "2"]));
    expect(await registry.registered(["1", "2"])).toEqual(["1", "2"]);
  });

  it("are removed from the cache after ten seconds without a webhook", async () => {
    const instances = known(true);
    await instances.admitted(["1", "2"]);
    clock += 10_000;
    await instances.admitted(["2"]);
    clock += 10_000;
    await instances.admitted(["2"]);
    await remove("1");
    await instances.admitted(["1"]);
    expect(await registry.registered(["1"])).toEqual(["1"]);
  });

  it("can be many", async () => {
    const instances = known(true);
    const many = Array.from({ length: 2500 }, (_, i) => String(i));
    await instances.admitted(many);
    await remove("2400");
    clock += 10_000;
    await instances.admitted(many.slice(0, 10));
    expect(await registry.registered(["2400"])).toEqual([]);
    expect(await instances.admitted(many)).toEqual(new Set(many));
    expect(await registry.registered(["2400"])).toEqual(["2400"]);
  });
});

describe("instances that an administrator registers", () => {
  it("are refused after a deletion once the registry is read", async () => {
    const instances = known(false);
    await registry.register(["1", "2"]);
    await instances.admitted(["1", "2"]);
    await remove("1");
    expect(await instances.admittedNow(["1", "2"])).toEqual(new Set(["2"]));
    expect(await instances.admitted(["1", "2"])).toEqual(new Set(["2"]));
  });

  it("are accepted from their registration until ten seconds after a deletion", async () => {
    const instances = known(false);
    expect(await instances.admitted(["1", "2"])).toEqual(new Set());
    await registry.register(["1"]);
    expect(await instances.admitted(["1", "2"])).toEqual(new Set(["1"]));
    await remove("1");
    expect(await instances.admitted(["1"])).toEqual(new Set(["1"]));
    clock += 10_000;
    expect(await instances.admitted(["1"])).toEqual(new Set());
  });
});
