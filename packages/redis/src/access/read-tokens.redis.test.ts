import { afterAll, expect, it } from "vitest";
import { testConnection, testKeys } from "../testing.ts";
import { RedisReadTokens } from "./read-tokens.ts";

const redis = testConnection("worker");
const keys = testKeys();
afterAll(() => {
  redis.disconnect();
});

it("a full Redis does not refuse a token whose use cannot be stored", async () => {
  const tokens = new RedisReadTokens(redis, keys);
  await tokens.add("digest", { id: "t1", name: "grafana", createdAt: 1 });
  const full = testConnection("worker");
  const hset = async () => Promise.reject(new Error("OOM command not allowed when used memory > 'maxmemory'"));
  await new RedisReadTokens(Object.assign(full, { hset }), keys).used("t1", 1_790_000_000);
  full.disconnect();
  expect(await tokens.list()).toMatchObject([{ id: "t1", lastUsedAt: undefined }]);
  await tokens.used("t1", 1_790_000_001);
  expect(await tokens.list()).toMatchObject([{ id: "t1", lastUsedAt: 1_790_000_001 }]);
});
