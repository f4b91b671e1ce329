import { afterAll, describe, expect, it } from "vitest";
import { RedisInstanceRegistry } from "./instance-registry.ts";
import { ShownInstances } from "./shown-instances.ts";
import { testConnection, testKeys } from "../testing.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

/** The count of each instance is its own id. */
const countedOf = async (ids: readonly string[]) => Promise.resolve(ids.map((id) => new Map([["sent", Number(id)]])));
const countedBy = (id: string) => new Map([["sent", Number(id)]]);

function fresh() {
  const keys = testKeys();
  const registry = new RedisInstanceRegistry(redis, keys);
  const shown = new ShownInstances(redis, keys, registry);
  /** The separately exported instances, and the sum of the others with its stored part. */
  const look = async (limit: number, by = shown) => {
    const { instances, summedOnce } = await by.settle(limit, countedOf);
    const ids = instances.map(({ id }) => id);
    const others = (await registry.list()).filter(({ id }) => !ids.includes(id));
    return { ids, sum: others.reduce((sum, { id }) => sum + Number(id), summedOnce.get("sent") ?? 0) };
  };
  return { keys, registry, shown, look };
}

describe("the instances that are exported separately", () => {
  it("are those that were registered first, whatever their ids and names and the way of registration", async () => {
    const { registry, look } = fresh();
    await registry.register(["9", "500"]);
    await registry.create({ id: "40", name: "a" });
    await registry.register(["40", "1"]);
    expect(await look(3)).toEqual({ ids: ["9", "500", "40"], sum: 1 });
    await registry.rename("1", "0");
    await registry.register(["2"]);
    expect(await look(3)).toEqual({ ids: ["9", "500", "40"], sum: 3 });
    expect((await look(10)).ids).toEqual(["9", "500", "40", "1", "2"]);
  });

  it("are those with the lowest ids among instances of a version that stored no order", async () => {
    const { keys, registry, look } = fresh();
    await registry.register(["100", "20", "3"]);
    await redis.del(keys.registrationOrder);
    await registry.register(["1"]);
    await redis.zadd(keys.registrationOrder, 99, "777");
    expect((await look(10)).ids).toEqual(["1", "3", "20", "100"]);
  });
});

describe("the sum of the others", () => {
  it("keeps the counts of a deleted instance that was in it, and none of one that was not", async () => {
    const { registry, look } = fresh();
    await registry.register(["1", "2", "30", "400"]);
    expect(await look(2)).toEqual({ ids: ["1", "2"], sum: 430 });
    await registry.remove("400", countedBy("400"));
    expect(await look(2)).toEqual({ ids: ["1", "2"], sum: 430 });
    // Not exported to Prometheus yet.
    await registry.register(["5000"]);
    await registry.remove("5000", countedBy("5000"));
    expect(await look(2)).toEqual({ ids: ["1", "2"], sum: 430 });
    // An instance that is created again counts from zero.
    await registry.register(["400"]);
    expect(await look(2)).toEqual({ ids: ["1", "2"], sum: 830 });
  });

  it("keeps the counts of an instance that becomes exported separately", async () => {
    const { registry, look } = fresh();
    await registry.register(["1", "2", "30", "400"]);
    await look(2);
    await registry.remove("1", countedBy("1"));
    expect(await look(2)).toEqual({ ids: ["2", "30"], sum: 430 });
    await registry.remove("2", countedBy("2"));
    await registry.remove("30", countedBy("30"));
    expect(await look(2)).toEqual({ ids: ["400"], sum: 430 });
    // There is a free place, and the new instance was never in the sum.
    await registry.register(["5000"]);
    expect(await look(2)).toEqual({ ids: ["400", "5000"], sum: 430 });
    await registry.register(["6"]);
    expect(await look(2)).toEqual({ ids: ["400", "5000"], sum: 436 });
  });

  it("never decreases when more instances are exported separately, with several processes and limits", async () => {
    const { keys, registry, look } = fresh();
    await registry.register(["1", "2", "30", "400"]);
    const another = new ShownInstances(redis, keys, registry);
    expect((await look(1)).sum).toBe(432);
    expect((await look(3)).sum).toBe(432);
    expect((await look(3, another)).sum).toBe(432);
    const both = await Promise.all([look(4), look(4, another)]);
    expect(both.map(({ sum }) => sum)).toEqual([432, 432]);
    // The process with the lower limit sums more instances, which does not increase the other's sum.
    for (let round = 0; round < 3; round++) {
      expect((await look(2, another)).sum).toBe(432 + 430);
      expect((await look(4)).sum).toBe(432);
    }
  });

  it("includes every instance that was ever in it once, with 1,500 instances", async () => {
    const { registry, look } = fresh();
    const ids = Array.from({ length: 1_500 }, (_, i) => String(i + 1));
    await registry.register(ids);
    const all = ids.reduce((sum, id) => sum + Number(id), 0);
    expect((await look(10)).sum).toBe(all - 55);
    const { ids: shown, sum } = await look(1_200);
    expect([shown.length, sum]).toEqual([1_200, all - 55]);
  });
});
