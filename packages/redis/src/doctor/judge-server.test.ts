import { describe, expect, it } from "vitest";
import { judgeServer, type Intended, type ServerReport } from "./judge-server.ts";

const MIB = 2 ** 20;
const GOOD_INFO = {
  redis_version: "7.0.15",
  redis_mode: "standalone",
  maxmemory_policy: "noeviction",
  aof_enabled: "1",
  aof_last_write_status: "ok",
  role: "master",
  used_memory: String(10 * MIB),
  maxmemory: String(1000 * MIB),
  connected_slaves: "0",
};
const GOOD_CONFIG = { appendfsync: "always", "min-replicas-to-write": "0" };
const GOOD: Omit<ServerReport, "info" | "config"> = { pingMs: 0.2, writeMs: 1, clockAheadMs: 3 };
const SINGLE: Intended = { cluster: false, shards: 1, masters: 1 };

interface Change extends Partial<Omit<ServerReport, "info" | "config">> {
  readonly info?: object;
  readonly config?: object | null;
  readonly intended?: Partial<Intended>;
}

function findings({ info, config, intended, ...rest }: Change): readonly string[] {
  const report: ServerReport = {
    ...GOOD,
    ...rest,
    info: new Map(Object.entries({ ...GOOD_INFO, ...info })),
    config: config === null ? undefined : new Map(Object.entries({ ...GOOD_CONFIG, ...config })),
  };
  const findings = judgeServer(report, { ...SINGLE, ...intended });
  return findings.filter(({ severity }) => severity !== "ok").map(({ severity, text }) => `${severity}: ${text}`);
}

const CLUSTER = { redis_mode: "cluster" };

describe("judgeServer", () => {
  it("finds no problem in a correct configuration", () => {
    expect(findings({})).toEqual([]);
    expect(findings({ info: CLUSTER, intended: { cluster: true, shards: 8, masters: 3 } })).toEqual([]);
    const replicated = { info: { connected_slaves: "1" }, config: { "min-replicas-to-write": "1" } };
    expect(findings(replicated)).toEqual([]);
  });

  it.each<[string, Change, RegExp]>([
    ["an old version", { info: { redis_version: "5.0.7" } }, /^fault: .*6\.2/],
    ["eviction", { info: { maxmemory_policy: "allkeys-lru" } }, /^fault: .*noeviction/],
    ["a replica", { info: { role: "slave" } }, /^fault: .*replica/],
    ["a cluster that is not configured as one", { info: CLUSTER }, /^fault: .*REDIS_CLUSTER=true/],
    [
      "a single Redis that is configured as a cluster",
      { intended: { cluster: true, shards: 8 } },
      /^fault: .*REDIS_CLUSTER/,
    ],
    ["no append-only file", { info: { aof_enabled: "0" } }, /^warning: .*appendonly yes/],
    ["an fsync each second", { config: { appendfsync: "everysec" } }, /^warning: .*up to a second/],
    ["no fsync", { config: { appendfsync: "no" } }, /^warning: .*half a minute/],
    ["a configuration that it may not read", { config: null }, /^warning: appendfsync cannot be read/],
    ["no memory limit", { info: { maxmemory: "0" } }, /^warning: maxmemory is not set, and 10 MiB/],
    ["nearly full memory", { info: { used_memory: String(900 * MIB) } }, /^warning: 900 MiB of maxmemory 1000 MiB/],
    [
      "fewer queues than masters",
      { info: CLUSTER, intended: { cluster: true, shards: 2, masters: 3 } },
      /QUEUE_SHARDS/,
    ],
    ["queues that one Redis does not need", { intended: { shards: 8 } }, /^warning: QUEUE_SHARDS is 8/],
    [
      "replicas without min-replicas-to-write",
      { info: { connected_slaves: "2" } },
      /^warning: 2 replicas.*min-replicas/,
    ],
    ["a slow connection", { pingMs: 20 }, /^warning: a PING takes 20\.0 ms/],
    ["a slow disk", { writeMs: 80 }, /^warning: .*a write 80\.0 ms.*disk/],
    ["a clock ahead", { clockAheadMs: 7_200_000 }, /^warning: its clock is 7200 s ahead/],
    ["a clock behind", { clockAheadMs: -7_200_000 }, /^warning: its clock is 7200 s behind/],
  ])("reports %s, and what to change", (_, change, expected) => {
    const found = findings(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});
