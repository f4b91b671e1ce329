import type { RedisClient } from "./connection.ts";
import { refusedCommands } from "./try-commands.ts";
import { infoFields } from "./redis-nodes.ts";
import type { StoredLayout } from "./stored-layout.ts";

export interface RedisHealth {
  /** Why this Redis must not be used: it may lose data, or holds data in an unknown layout. */
  readonly faults: readonly string[];
  /** What weakens a guarantee without breaking the service. */
  readonly warnings: readonly string[];
}

/** Connections whose user may run every command. That was tried once; it costs too much to try in each check. */
const allowed = new WeakSet<RedisClient>();

/**
 * Check that a Redis keeps what it is given (version, eviction, append-only file), that we may run every command we need, and which layout
 * its data has. Never throws.
 */
export async function checkRedis(redis: RedisClient, layout?: Pick<StoredLayout, "fault">): Promise<RedisHealth> {
  try {
    const info = await redis.info();
    // INFO is sent even while a connection is being set up, when other commands are not.
    if (redis.status !== "ready") return { faults: [`the connection to Redis is ${redis.status}`], warnings: [] };
    const { faults, warnings } = judgeInfo(infoFields(info));
    if (faults.length === 0 && !allowed.has(redis)) {
      const refused = await refusedCommands(redis);
      if (refused.length === 0) allowed.add(redis);
      else faults.push(commandsFault(refused));
    }
    return { faults: layout?.fault === undefined ? faults : [...faults, layout.fault], warnings };
  } catch (error) {
    return { faults: [`Redis does not answer: ${error instanceof Error ? error.message : "unknown"}`], warnings: [] };
  }
}

function commandsFault(refused: readonly string[]): string {
  const names = refused.map((name) => name.toLowerCase());
  const rules = names.map((name) => `+${name}`).join(" ");
  return `scripts may not use ${names.join(", ")} in this Redis: allow them for its user (ACL SETUSER <user> ${rules})`;
}

/** @param fields of an answer to INFO */
export function judgeInfo(fields: ReadonlyMap<string, string>): { faults: string[]; warnings: string[] } {
  const [version, eviction] = [fields.get("redis_version") ?? "0", fields.get("maxmemory_policy") ?? "unknown"];
  const faults: string[] = [];
  const warnings: string[] = [];
  if (!isAtLeast(version, 6, 2)) faults.push(`Redis is version ${version}; 6.2 or newer is needed`);
  if (eviction !== "noeviction") {
    faults.push(
      `maxmemory-policy is ${eviction}: Redis would delete data when its memory is full; set it to noeviction`,
    );
  }
  if (fields.get("aof_enabled") === "0") {
    warnings.push("the append-only file is off: acknowledged webhooks are lost when Redis stops; set appendonly yes");
  }
  if (fields.get("aof_last_write_status") === "err")
    faults.push("Redis cannot write its append-only file: is the disk full?");
  if (fields.get("role") === "slave")
    faults.push("this Redis is a replica, which cannot be written to: use its master");
  return { faults, warnings };
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split(".").map(Number);
  return first > major || (first === major && second >= minor);
}
