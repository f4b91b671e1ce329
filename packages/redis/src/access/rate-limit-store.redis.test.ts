import { StoreUnavailableError } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { rateLimitStore } from "./rate-limit-store.ts";
import { testConnection, testKeys } from "../testing.ts";

describe("a request that cannot be counted", () => {
  const store = (error: Error) => {
    const uncounted: Error[] = [];
    const redis = Object.assign(testConnection("reader"), { call: async () => Promise.reject(error) });
    redis.disconnect();
    const made = rateLimitStore(redis, testKeys(), (reported) => uncounted.push(reported));
    // express-rate-limit calls this at the start.
    [made.windowMs, made.incrementScriptSha] = [60_000, Promise.resolve("sha")];
    return { uncounted, store: made };
  };

  it.each([new Error("OOM command not allowed"), new Error("Stream isn't writeable")])("passes: %s", async (error) => {
    const { store: counted, uncounted } = store(error);
    expect((await counted.increment("token")).totalHits).toBe(1);
    expect(uncounted).toEqual([error]);
  });

  it("is refused if Redis timed out, so that the request does not wait for Redis a second time", async () => {
    const { store: counted, uncounted } = store(new Error("Command timed out"));
    await expect(counted.increment("token")).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(uncounted).toEqual([]);
  });
});

it("the first request is counted even if a master of a cluster does not have the script yet", async () => {
  const real = testConnection("worker");
  const call = async (command: string, ...args: string[]) =>
    real.call(command, ...(command === "EVALSHA" ? ["0".repeat(40), ...args.slice(1)] : args));
  const uncounted: Error[] = [];
  const redis = Object.assign(testConnection("worker"), { call });
  const store = rateLimitStore(redis, testKeys(), (error) => uncounted.push(error));
  store.windowMs = 60_000;
  const hits = async () => (await store.increment("token")).totalHits;
  expect([await hits(), await hits(), uncounted]).toEqual([1, 2, []]);
  for (const connection of [real, redis]) connection.disconnect();
});
