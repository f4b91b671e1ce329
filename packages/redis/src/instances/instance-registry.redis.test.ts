import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { RedisInstanceRegistry } from "./instance-registry.ts";
import { testConnection, testKeys } from "../testing.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

const named = (names: readonly string[]) => names.map((name) => ({ id: name.slice(1), name }));

const freshRegistry = () => new RedisInstanceRegistry(redis, testKeys());
const digest = (token: string) => createHash("sha256").update(token).digest("hex");

describe("create", () => {
  it("creates an instance that is found by its name and by its id", async () => {
    const registry = freshRegistry();
    expect(await registry.create({ id: "1", name: "sales" })).toBe("created");
    expect(await registry.resolve(["sales", "1", "support"])).toEqual([
      { id: "1", name: "sales" },
      { id: "1", name: "sales" },
      undefined,
    ]);
    expect(await registry.list()).toEqual([{ id: "1", name: "sales" }]);
    expect(await registry.registered(["1", "2"])).toEqual(["1"]);
  });

  it("returns whether the id or the name is taken, and then changes nothing", async () => {
    const registry = freshRegistry();
    await registry.create({ id: "1", name: "sales" });
    await registry.register(["2"]);
    expect(await registry.create({ id: "1", name: "other" })).toBe("id_taken");
    expect(await registry.create({ id: "2", name: "other" })).toBe("id_taken");
    expect(await registry.create({ id: "3", name: "sales" })).toBe("name_taken");
    expect(await registry.create({ id: "3", name: "1" })).toBe("name_taken");
    expect(await registry.create({ id: "3", name: "2" })).toBe("name_taken");
    expect(await registry.list()).toHaveLength(2);
    expect(await registry.resolve(["other", "3"])).toEqual([undefined, undefined]);
  });

  it("creates hundreds of instances concurrently", async () => {
    const registry = freshRegistry();
    const ids = Array.from({ length: 500 }, (_, n) => String(n));
    const made = await Promise.all(ids.map(async (id) => registry.create({ id, name: `i${id}` })));
    expect(new Set(made)).toEqual(new Set(["created"]));
    expect(await registry.list()).toHaveLength(500);
  });

  it("lets one of many concurrent calls get a name or an id", async () => {
    const registry = freshRegistry();
    const ids = Array.from({ length: 20 }, (_, i) => String(i + 1));
    const named = await Promise.all(ids.map(async (id) => registry.create({ id, name: "sales" })));
    expect(named.toSorted()).toEqual(["created", ...Array.from({ length: 19 }, () => "name_taken")]);
    const same = await Promise.all(ids.map(async (id) => registry.create({ id: "99", name: `n${id}` })));
    expect(same.toSorted()).toEqual(["created", ...Array.from({ length: 19 }, () => "id_taken")]);
    expect(await registry.list()).toHaveLength(2);
  });
});

describe("rename", () => {
  it("frees the old name, even if webhooks register the instance again", async () => {
    const registry = freshRegistry();
    await registry.register(["1"]);
    expect(await registry.rename("1", "sales")).toBe("renamed");
    expect(await registry.rename("1", "support")).toBe("renamed");
    await registry.register(["1"]);
    const support = { id: "1", name: "support" };
    expect(await registry.resolve(["1", "support", "sales"])).toEqual([support, support, undefined]);
    expect(await registry.create({ id: "2", name: "sales" })).toBe("created");
  });

  it("can set the id as the name, and the current name", async () => {
    const registry = freshRegistry();
    await registry.create({ id: "1", name: "sales" });
    expect(await registry.rename("1", "sales")).toBe("renamed");
    expect(await registry.rename("1", "1")).toBe("renamed");
    expect(await registry.resolve(["1", "sales"])).toEqual([{ id: "1", name: "1" }, undefined]);
  });

  it("refuses another instance's name or id, and an unknown instance", async () => {
    const registry = freshRegistry();
    await registry.create({ id: "1", name: "sales" });
    await registry.create({ id: "2", name: "support" });
    expect(await registry.rename("1", "support")).toBe("name_taken");
    expect(await registry.rename("1", "2")).toBe("name_taken");
    expect(await registry.rename("3", "free")).toBe("unknown");
    expect(await registry.resolve(["sales", "free"])).toEqual([{ id: "1", name: "sales" }, undefined]);
  });

  it("lets one of two concurrent calls get a name", async () => {
    const registry = freshRegistry();
    await registry.register(["1", "2"]);
    const outcomes = await Promise.all(["1", "2"].map(async (id) => registry.rename(id, "sales")));
    expect(outcomes.toSorted()).toEqual(["name_taken", "renamed"]);
  });
});

describe("a page", () => {
  it("contains the first instances by name, and the start of the next page", async () => {
    const registry = freshRegistry();
    expect(await registry.page(2)).toEqual({ instances: [], total: 0 });
    for (const name of ["c3", "a1", "d4", "b2"]) await registry.create({ id: name.slice(1), name });
    expect(await registry.page(2)).toEqual({ instances: named(["a1", "b2"]), total: 4, next: "b2" });
    expect(await registry.page(2, "b2")).toEqual({ instances: named(["c3", "d4"]), total: 4 });
    expect(await registry.page(4)).toEqual({ instances: named(["a1", "b2", "c3", "d4"]), total: 4 });
    expect((await registry.page(9, "bb")).instances).toEqual(named(["c3", "d4"]));
    expect((await registry.page(9, "zz")).instances).toEqual([]);
  });

  it("reflects registered, renamed and removed instances", async () => {
    const registry = freshRegistry();
    await registry.register(["7", "5", "5"]);
    await registry.rename("5", "sales");
    expect((await registry.page(9)).instances.map(({ name }) => name)).toEqual(["7", "sales"]);
    await registry.remove("7");
    await registry.rename("5", "5");
    expect(await registry.page(9)).toEqual({ instances: [{ id: "5", name: "5" }], total: 1 });
  });

  it("is correct after a version without an index has changed names", async () => {
    const keys = testKeys();
    const registry = new RedisInstanceRegistry(redis, keys);
    await registry.register(["1", "2"]);
    const many = Array.from({ length: 3_000 }, (_, i) => String(10_000 + i));
    await redis.hset(keys.instancesByName, ...many.flatMap((id) => [id, id]));
    expect(await registry.page(2, "12998")).toMatchObject({ instances: [{ id: "12999" }, { id: "2" }], total: 3_002 });
    await redis.hdel(keys.instancesByName, "1");
    await redis.hset(keys.instancesByName, "first", "1");
    expect((await registry.page(3)).instances[0]).toEqual({ id: "10000", name: "10000" });
    expect((await registry.page(3_002)).instances.at(-1)).toEqual({ id: "1", name: "first" });
  });

  it("has a cost that depends only on its size, not on the number of instances", async () => {
    const keys = testKeys();
    const registry = new RedisInstanceRegistry(redis, keys);
    const many = Array.from({ length: 5_000 }, (_, i) => String(10_000 + i));
    await registry.register(many);
    const { stream } = redis as unknown as { readonly stream: { readonly bytesRead: number } };
    const before = stream.bytesRead;
    await registry.page(10);
    expect(stream.bytesRead - before).toBeLessThan(1_000);
  });
});

it("all instances are returned in slices, each once if nothing changes", async () => {
  const registry = freshRegistry();
  const many = Array.from({ length: 5_000 }, (_, i) => String(10_000 + i));
  await registry.register(many);
  const slices: (readonly { id: string }[])[] = [];
  for await (const slice of registry.slices()) slices.push(slice);
  expect(
    slices
      .flat()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(many);
  expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(2_000);
});

describe("tokens", () => {
  it("are valid two at a time: the newest and the previous one", async () => {
    const registry = freshRegistry();
    await registry.register(["1", "2"]);
    await registry.addToken("2", digest("another's"));
    const owners = async () => Promise.all(["a", "b", "c"].map(async (token) => registry.tokenOwner(digest(token))));
    expect(await registry.addToken("1", digest("a"))).toBe("added");
    expect(await registry.addToken("1", digest("b"))).toBe("added");
    expect(await owners()).toEqual(["1", "1", undefined]);
    await registry.addToken("1", digest("c"));
    expect(await owners()).toEqual([undefined, "1", "1"]);
    expect(await registry.tokenOwner(digest("another's"))).toBe("2");
  });

  it("added concurrently leave two valid ones", async () => {
    const registry = freshRegistry();
    await registry.register(["1"]);
    const tokens = Array.from({ length: 10 }, (_, i) => digest(String(i)));
    await Promise.all(tokens.map(async (token) => registry.addToken("1", token)));
    const owners = await Promise.all(tokens.map(async (token) => registry.tokenOwner(token)));
    expect(owners.filter((owner) => owner === "1")).toHaveLength(2);
  });

  it("added twice count once", async () => {
    const registry = freshRegistry();
    await registry.register(["1"]);
    for (const token of ["a", "b", "b"]) await registry.addToken("1", digest(token));
    expect(await registry.tokenOwner(digest("a"))).toBe("1");
    expect(await registry.tokenOwner(digest("b"))).toBe("1");
  });

  it("cannot be added to an unknown instance", async () => {
    const registry = freshRegistry();
    expect(await registry.addToken("1", digest("a"))).toBe("unknown");
    expect(await registry.tokenOwner(digest("a"))).toBeUndefined();
  });
});

describe("remove", () => {
  it("frees name and id and revokes the tokens; other instances keep theirs", async () => {
    const registry = freshRegistry();
    await registry.create({ id: "1", name: "sales" });
    await registry.create({ id: "2", name: "support" });
    for (const token of ["a", "b"]) await registry.addToken("1", digest(token));
    await registry.addToken("2", digest("c"));
    await registry.remove("1");
    await registry.remove("1");
    expect(await registry.resolve(["sales", "1"])).toEqual([undefined, undefined]);
    const owners = await Promise.all(["a", "b", "c"].map(async (token) => registry.tokenOwner(digest(token))));
    expect(owners).toEqual([undefined, undefined, "2"]);
    expect(await registry.create({ id: "3", name: "sales" })).toBe("created");
    expect(await registry.create({ id: "1", name: "again" })).toBe("created");
    await registry.addToken("1", digest("d"));
    expect(await registry.tokenOwner(digest("a"))).toBeUndefined();
  });
});
