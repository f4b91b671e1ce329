import type { Result } from "ioredis";
import type { RedisClient } from "./connection.ts";
import { script } from "./scripts.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    registerInstances(...args: string[]): Result<unknown, Context>;
    nameInstance(...args: string[]): Result<unknown, Context>;
    removeInstance(...args: string[]): Result<unknown, Context>;
    pageInstances(...args: (string | number)[]): Result<unknown, Context>;
    addInstanceToken(...args: (string | number)[]): Result<unknown, Context>;
  }
}

/** Teach a connection the scripts of the registry. */
export function defineRegistryScripts(redis: RedisClient): void {
  redis.defineCommand("registerInstances", { numberOfKeys: 3, lua: script("register-instances") });
  redis.defineCommand("nameInstance", { numberOfKeys: 3, lua: script("name-instance") });
  redis.defineCommand("removeInstance", { numberOfKeys: 6, lua: script("remove-instance") });
  redis.defineCommand("pageInstances", { numberOfKeys: 2, lua: script("page-instances") });
  redis.defineCommand("addInstanceToken", { numberOfKeys: 3, lua: script("add-token") });
}
