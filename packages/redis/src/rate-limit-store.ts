import { createHash } from "node:crypto";
import { RedisStore, type RedisReply } from "rate-limit-redis";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

/** Where express-rate-limit counts requests, so that all replicas count together. @throws {StoreUnavailableError} Redis is away */
export function rateLimitStore(redis: RedisClient, keys: Keys): RedisStore {
  const send = async (command: string, ...args: string[]): Promise<RedisReply> => {
    try {
      return (await redis.call(command, ...args)) as RedisReply;
    } catch (error) {
      // The store loads its scripts once, at the start; if Redis is away then, the name they will have must do: the
      // first use finds the script missing and loads it.
      if (command === "SCRIPT") return sha1(args[1] ?? "");
      if (error instanceof Error && error.message.startsWith("NOSCRIPT")) throw error;
      return storeError(error);
    }
  };
  return new RedisStore({ sendCommand: send, prefix: keys.rateLimitPrefix });
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
