import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { RedisInstanceRegistry } from "./instance-registry.ts";
import { testConnection, testKeys } from "./testing.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

const freshRegistry = () => new RedisInstanceRegistry(redis, testKeys());
const digest = (token: string) => createHash("sha256").update(token).digest("hex");

describe("create", () => {
  it("makes an instance that is found by its name and by its id", async () => {
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

  it("says whether the id or the name is taken, and then changes nothing", async () => {
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

  it("lets one of many win who want the same name or the same id at once", async () => {
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
  it("frees the old name, also when the instance is registered again by its webhooks", async () => {
    const registry = freshRegistry();
    await registry.register(["1"]);
    expect(await registry.rename("1", "sales")).toBe("renamed");
    expect(await registry.rename("1", "support")).toBe("renamed");
    await registry.register(["1"]);
    const support = { id: "1", name: "support" };
    expect(await registry.resolve(["1", "support", "sales"])).toEqual([support, support, undefined]);
    expect(await registry.create({ id: "2", name: "sales" })).toBe("created");
  });

  it("goes back to the id, and to the name it has", async () => {
    const registry = freshRegistry();
    await registry.create({ id: "1", name: "sales" });
    expect(await registry.rename("1", "sales")).toBe("renamed");
    expect(await registry.rename("1", "1")).toBe("renamed");
    expect(await registry.resolve(["1", "sales"])).toEqual([{ id: "1", name: "1" }, undefined]);
  });

  it("takes no other's name or id, and no unknown instance", async () => {
    const registry = freshRegistry();
    await registry.create({ id: "1", name: "sales" });
    await registry.create({ id: "2", name: "support" });
    expect(await registry.rename("1", "support")).toBe("name_taken");
    expect(await registry.rename("1", "2")).toBe("name_taken");
    expect(await registry.rename("3", "free")).toBe("unknown");
    expect(await registry.resolve(["sales", "free"])).toEqual([{ id: "1", name: "sales" }, undefined]);
  });

  it("lets one of two win who want the same name at once", async () => {
    const registry = freshRegistry();
    await registry.register(["1", "2"]);
    const outcomes = await Promise.all(["1", "2"].map(async (id) => registry.rename(id, "sales")));
    expect(outcomes.toSorted()).toEqual(["name_taken", "renamed"]);
  });
});

describe("tokens", () => {
  it("are valid two at a time: the newest and the one before", async () => {
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

  it("added at the same time leave two", async () => {
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

  it("are given to no unknown instance", async () => {
    const registry = freshRegistry();
    expect(await registry.addToken("1", digest("a"))).toBe("unknown");
    expect(await registry.tokenOwner(digest("a"))).toBeUndefined();
  });
});

describe("remove", () => {
  it("frees name and id and ends the tokens; others keep theirs", async () => {
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
