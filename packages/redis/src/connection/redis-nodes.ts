import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./connection.ts";
import { storeError } from "./store-error.ts";

/** What one Redis server reports about itself, for metrics: its state at the moment of the scrape. */
export interface RedisNode {
  /** `host:port`, or the name of what the sentinels watch. */
  readonly node: string;
  readonly usedMemoryBytes: number;
  /** 0: no limit. */
  readonly maxMemoryBytes: number;
  /** Since that server started. */
  readonly evictedKeys: number;
  readonly mayEvict: boolean;
  /** Whether the append-only file is on, and its last write and last rewrite succeeded. */
  readonly isAofOk: boolean;
  readonly clients: number;
  /** Since that server started. */
  readonly commandsProcessed: number;
}

/** Ask the server, or each master of a cluster. @throws {StoreUnavailableError} if one of them does not answer */
export async function readRedisNodes(redis: RedisClient): Promise<readonly RedisNode[]> {
  const servers = redis instanceof Cluster ? redis.nodes("master") : [redis];
  return Promise.all(servers.map(async (server) => redisNode(nameOf(server), await server.info().catch(storeError))));
}

/** The fields of an answer to INFO, by name. */
export function infoFields(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split(/\r?\n/).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

/** @param info the answer to INFO; a missing field counts as 0, or as failed */
export function redisNode(node: string, info: string): RedisNode {
  const fields = infoFields(info);
  const number = (name: string) => Number(fields.get(name) ?? 0);
  const worked = (name: string) => fields.get(name) === "ok";
  return {
    node,
    usedMemoryBytes: number("used_memory"),
    maxMemoryBytes: number("maxmemory"),
    evictedKeys: number("evicted_keys"),
    mayEvict: fields.get("maxmemory_policy") !== "noeviction",
    isAofOk:
      fields.get("aof_enabled") === "1" && worked("aof_last_write_status") && worked("aof_last_bgrewrite_status"),
    clients: number("connected_clients"),
    commandsProcessed: number("total_commands_processed"),
  };
}

/** Sentinels may move the master; the name they watch stays. */
export function nameOf({ options }: Redis): string {
  const isWatched = (options.sentinels ?? []).length > 0;
  if (isWatched && typeof options.name === "string") return options.name;
  return `${options.host ?? "localhost"}:${String(options.port ?? 6379)}`;
}
