import type { Result } from "ioredis";
import type { RedisClient } from "../connection.ts";
import { script } from "../scripts.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    readTargets(root: string): Result<unknown, Context>;
    changeTarget(root: string, ...args: (string | number)[]): Result<unknown, Context>;
    appendLanes(root: string, ...args: (string | number | Buffer)[]): Result<unknown, Context>;
    stepLaneBuffer(root: string, ...args: (string | number)[]): Result<unknown, Context>;
    changeDead(root: string, ...args: (string | number)[]): Result<unknown, Context>;
    dropLane(root: string, target: string, instance: string): Result<unknown, Context>;
    holdLease(...args: (string | number)[]): Result<unknown, Context>;
  }
}

/** Teach a connection the scripts of forwarding. */
export function defineForwardScripts(redis: RedisClient): void {
  const define = (name: string, lua: string) => {
    redis.defineCommand(name, { numberOfKeys: 1, lua });
  };
  define("readTargets", script("read-targets"));
  define("changeTarget", script("change-target"));
  for (const [name, file] of ON_LANES) define(name, script("lanes") + script(file));
  define("holdLease", script("hold-lease"));
}

const ON_LANES = [
  ["appendLanes", "append-lanes"],
  ["stepLane", "step-lane"],
  ["changeDead", "change-dead"],
  ["dropLane", "drop-lane"],
] as const;
