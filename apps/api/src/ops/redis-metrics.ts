import type { RedisNode } from "@ticktally/redis";
import { Family, labelled } from "./exposition.ts";

type Gauge = readonly [name: string, type: "gauge" | "counter", help: string, value: (node: RedisNode) => number];

const FAMILIES: readonly Gauge[] = [
  ["ticktally_redis_used_memory_bytes", "gauge", "Memory that Redis uses.", (node) => node.usedMemoryBytes],
  ["ticktally_redis_max_memory_bytes", "gauge", "Memory that Redis may use; 0 for no limit.", (n) => n.maxMemoryBytes],
  [
    "ticktally_redis_evicted_keys_total",
    "counter",
    "Keys that Redis evicted because memory was full.",
    (n) => n.evictedKeys,
  ],
  ["ticktally_redis_may_evict", "gauge", "1 if maxmemory-policy is not noeviction.", (node) => Number(node.mayEvict)],
  [
    "ticktally_redis_aof_ok",
    "gauge",
    "1 if the append-only file is on and its last write and rewrite worked.",
    (node) => Number(node.isAofOk),
  ],
  ["ticktally_redis_connected_clients", "gauge", "Connections to Redis.", (node) => node.clients],
  ["ticktally_redis_commands_total", "counter", "Commands that Redis ran.", (node) => node.commandsProcessed],
];

/** Whether each Redis server can keep its data: one row of series per master of a cluster. */
export function redisText(nodes: readonly RedisNode[]): string {
  return FAMILIES.map(([name, type, help, value]) => {
    const family = new Family(name, type, help);
    for (const node of nodes) family.add(labelled({ node: node.node }), value(node));
    return family.text();
  }).join("");
}
