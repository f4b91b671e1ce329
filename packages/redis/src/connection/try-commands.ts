import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./connection.ts";
import { Keys } from "../keys.ts";
import { isRefused } from "./key-commands.ts";
import { defineScripts } from "../scripts.ts";
import { TRIES } from "./used-commands.ts";

const KEYS_TRIED = 500;

/** The servers that scripts run on: in a cluster its masters. */
export function serversOf(redis: RedisClient): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}

/**
 * Try each command that our scripts use, on keys that are deleted afterwards: a command refused in the middle of a commit would lose part
 * of it.
 * @returns the commands that this connection's user may not run, or that a server does not have
 * @throws if scripts cannot be run
 */
export async function refusedCommands(redis: RedisClient): Promise<readonly string[]> {
  const refused = await Promise.all(
    serversOf(redis).map(async (server) => {
      defineScripts(server);
      return withOwnKey(async (key) => refusedBy(server, key));
    }),
  );
  return [...new Set(refused.flat())];
}

async function refusedBy(server: Redis, key: string): Promise<readonly string[]> {
  const refused: string[] = [];
  // One after the other: some need what earlier ones wrote.
  for (const [name, ...args] of TRIES) {
    const placed = args.map((arg) => arg.replace(/^@key$/, key).replace(/^@copy$/, `${key}:copy`));
    if (await isRefused(server, key, [name, ...placed])) refused.push(name);
  }
  return refused;
}

/** Work with a key that this server holds: in a cluster each server has a part of the keys. @throws if it can be written nowhere */
export async function withOwnKey<Result>(work: (key: string) => Promise<Result>): Promise<Result> {
  for (let n = 0; ; n++) {
    try {
      return await work(new Keys().trial(n));
    } catch (error) {
      if (n === KEYS_TRIED || !(error instanceof Error && error.message.startsWith("MOVED"))) throw error;
    }
  }
}
