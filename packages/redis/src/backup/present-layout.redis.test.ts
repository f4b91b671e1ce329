import { afterAll, expect, it } from "vitest";
import { testConnection, testKeys } from "../testing.ts";
import { requirePresentLayout } from "./present-layout.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

it("an empty Redis can be exported and imported into", async () => {
  await requirePresentLayout(redis, testKeys());
});

it.each([
  ["an earlier version", "layout 2", "data of an earlier version: stop all its processes"],
  ["a newer version", "layout 4", "data of a newer version: use that version"],
])("data of %s is refused", async (_, mark, reason) => {
  const keys = testKeys();
  await redis.set(keys.instanceNamesOld, mark);
  await expect(requirePresentLayout(redis, keys)).rejects.toThrow(reason);
});

it("data of version 0.1 is refused", async () => {
  const keys = testKeys();
  await redis.hset(keys.instanceNamesOld, "7103000001", "sales");
  await expect(requirePresentLayout(redis, keys)).rejects.toThrow("data of version 0.1: stop all its processes");
});
