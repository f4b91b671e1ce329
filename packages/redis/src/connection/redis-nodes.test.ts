import { describe, expect, it } from "vitest";
import { redisNode } from "./redis-nodes.ts";

const HEALTHY = {
  used_memory: "1048576",
  maxmemory: "4194304",
  evicted_keys: "0",
  maxmemory_policy: "noeviction",
  aof_enabled: "1",
  aof_last_write_status: "ok",
  aof_last_bgrewrite_status: "ok",
  connected_clients: "7",
  total_commands_processed: "123",
};

function infoOf(fields: Readonly<Record<string, string>>): string {
  return `# Server\r\n${Object.entries({ ...HEALTHY, ...fields })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join("")}`;
}

describe("redisNode", () => {
  it("parses a server's INFO", () => {
    expect(redisNode("redis:6379", infoOf({}))).toEqual({
      node: "redis:6379",
      usedMemoryBytes: 1_048_576,
      maxMemoryBytes: 4_194_304,
      evictedKeys: 0,
      mayEvict: false,
      isAofOk: true,
      clients: 7,
      commandsProcessed: 123,
    });
  });

  it.each(["allkeys-lru", "volatile-ttl", "allkeys-random"])("detects that %s may evict", (maxmemory_policy) => {
    expect(redisNode("a:1", infoOf({ maxmemory_policy })).mayEvict).toBe(true);
  });

  it.each([{ aof_enabled: "0" }, { aof_last_write_status: "err" }, { aof_last_bgrewrite_status: "err" }])(
    "detects a problem of the append-only file with %j",
    (fields) => {
      expect(redisNode("a:1", infoOf(fields)).isAofOk).toBe(false);
    },
  );

  it("does not report missing fields as healthy", () => {
    expect(redisNode("a:1", "")).toMatchObject({ mayEvict: true, isAofOk: false, usedMemoryBytes: 0 });
  });
});
