import { judgeInfo } from "../connection/redis-health.ts";
import { fault, ok, warning, type Finding } from "./finding.ts";

/** What one server reports, and our measurements of it. */
export interface ServerReport {
  /** The fields of INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** The fields of CONFIG GET; `undefined` if that is not allowed, as at some Redis hosts. */
  readonly config: ReadonlyMap<string, string> | undefined;
  /** Median of a PING and of a write with all its fsyncs, ms. */
  readonly pingMs: number;
  readonly writeMs: number;
  /** The server's clock minus ours, ms. */
  readonly clockAheadMs: number;
}

/** How the environment wants this Redis to be used. */
export interface Intended {
  readonly cluster: boolean;
  readonly shards: number;
  readonly masters: number;
}

const MEMORY_SHARE_MAX = 0.8;
const PING_MS_MAX = 5;
const WRITE_MS_MAX = 50;
/** Records are dated by the gateway. Clocks only decide when data expire and how late webhooks were. */
const CLOCK_MS_MAX = 5_000;
const MIB = 2 ** 20;

/** Decide what is good and bad about one server. */
export function judgeServer(report: ServerReport, intended: Intended): readonly Finding[] {
  const { info } = report;
  const { faults, warnings } = judgeInfo(info);
  const kept = faults.length + warnings.length === 0;
  return [
    ...faults.map(fault),
    ...warnings.map(warning),
    ...(kept ? [ok(`version ${info.get("redis_version") ?? "?"}, persistent, evicts nothing`)] : []),
    ...durability(report),
    ...memory(report),
    ...topology(report, intended),
    ...replicas(report),
    latency(report),
    clock(report),
  ];
}

function durability({ info, config }: ServerReport): readonly Finding[] {
  if (info.get("aof_enabled") !== "1") return [];
  const fsync = config?.get("appendfsync");
  if (fsync === undefined)
    return [warning("appendfsync cannot be read: unless it is always, the last webhooks before a crash are lost")];
  if (fsync === "always") return [ok("appendfsync always: acknowledged webhooks are on disk")];
  const lost = fsync === "everysec" ? "up to a second" : "up to half a minute";
  return [
    warning(`appendfsync ${fsync}: if the machine fails, ${lost} of acknowledged webhooks is lost; set it to always`),
  ];
}

function memory({ info }: ServerReport): readonly Finding[] {
  const [used, max, machine] = ["used_memory", "maxmemory", "total_system_memory"].map((name) =>
    Number(info.get(name) ?? 0),
  );
  const mib = (bytes = 0) => `${String(Math.round(bytes / MIB))} MiB`;
  if (max === undefined || max === 0) {
    const share = machine ? ` of the machine's ${mib(machine)}` : "";
    return [
      warning(
        `maxmemory is not set, and ${mib(used)}${share} are used: the system may kill Redis; set a limit that leaves memory for the rest`,
      ),
    ];
  }
  const text = `${mib(used)} of maxmemory ${mib(max)} are used`;
  return (used ?? 0) > MEMORY_SHARE_MAX * max
    ? [warning(`${text}: when it is full, webhooks are refused; raise it`)]
    : [ok(text)];
}

function topology({ info }: ServerReport, { cluster, shards, masters }: Intended): readonly Finding[] {
  const isCluster = info.get("redis_mode") === "cluster" || info.get("cluster_enabled") === "1";
  if (isCluster && !cluster) return [fault("this is a Redis Cluster: set REDIS_CLUSTER=true and QUEUE_SHARDS")];
  if (!isCluster && cluster) return [fault("this is not a Redis Cluster: remove REDIS_CLUSTER")];
  if (isCluster && shards < masters) {
    const text = `QUEUE_SHARDS is ${String(shards)} for ${String(masters)} masters: some of them hold no queue; raise it`;
    return [warning(text)];
  }
  if (!isCluster && shards > 1)
    return [warning(`QUEUE_SHARDS is ${String(shards)}: on a single Redis one queue is faster`)];
  return [
    ok(isCluster ? `cluster of ${String(masters)} masters, ${String(shards)} queues` : "single Redis, one queue"),
  ];
}

function replicas({ info, config }: ServerReport): readonly Finding[] {
  const count = Number(info.get("connected_slaves") ?? 0);
  if (count === 0) return [];
  const required = Number(config?.get("min-replicas-to-write") ?? 0);
  if (required > 0) return [ok(`${String(count)} replicas, ${String(required)} needed for a write`)];
  const text = `${String(count)} replicas, none needed for a write: a failover may lose the last webhooks; set min-replicas-to-write 1`;
  return [warning(text)];
}

function latency({ pingMs, writeMs }: ServerReport): Finding {
  const text = `a PING takes ${pingMs.toFixed(1)} ms, a write ${writeMs.toFixed(1)} ms`;
  if (pingMs > PING_MS_MAX) return warning(`${text}: run Redis closer to the processes`);
  if (writeMs > WRITE_MS_MAX) return warning(`${text}: every webhook waits for that; give Redis a faster disk`);
  return ok(text);
}

function clock({ clockAheadMs }: ServerReport): Finding {
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  if (Math.abs(clockAheadMs) <= CLOCK_MS_MAX) return ok("the clocks agree");
  const text = `its clock is ${String(seconds)} s ${clockAheadMs > 0 ? "ahead of" : "behind"} this machine's: synchronise both with NTP`;
  return warning(text);
}
