import type { Redis } from "ioredis";
import type { RedisClient } from "../connection/connection.ts";
import { infoFields, nameOf } from "../connection/redis-nodes.ts";
import { configPair } from "@ticktally/schemas";
import { fault, type Finding } from "./finding.ts";
import { judgeServer, type ServerReport } from "./judge-server.ts";
import { serversOf, withOwnKey } from "../connection/try-commands.ts";

/** The findings about one server. */
export interface Examination {
  /** `host:port`, or the name of what the sentinels watch. */
  readonly node: string;
  readonly findings: readonly Finding[];
}

const PINGS = 20;
const WRITES = 10;

/**
 * Examine a Redis, or each master of a cluster, as Ticktally would use it. Writes a test key and deletes it.
 * @param redis connected
 * @param options from the environment
 */
export async function examineRedis(
  redis: RedisClient,
  { cluster, shards }: { readonly cluster: boolean; readonly shards: number },
): Promise<readonly Examination[]> {
  const servers = serversOf(redis);
  const intended = { cluster, shards, masters: servers.length };
  return Promise.all(
    servers.map(async (server) => {
      try {
        return { node: nameOf(server), findings: judgeServer(await report(server), intended) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : "unknown";
        return { node: nameOf(server), findings: [fault(`it fails a required command: ${reason}`)] };
      }
    }),
  );
}

/** @throws if it refuses something that Ticktally cannot work without */
async function report(server: Redis): Promise<ServerReport> {
  const info = infoFields(await server.info());
  const key = await withOwnKey(async (own) => {
    await writeOnce(server, own);
    return own;
  });
  const pingMs = await median(PINGS, async () => server.ping());
  const writeMs = await median(WRITES, async () => writeOnce(server, key));
  return { info, config: await config(server), pingMs, writeMs, clockAheadMs: await clockAhead(server) };
}

/** By script, as counting does it. The key is written and deleted in one call, so a crash leaves nothing behind. */
async function writeOnce(server: Redis, key: string): Promise<void> {
  await server.eval(`redis.call("SET", KEYS[1], 1) return redis.call("DEL", KEYS[1])`, 1, key);
}

async function config(server: Redis): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const names = ["appendfsync", "min-replicas-to-write"];
    const pairs = await Promise.all(names.map(async (name) => server.config("GET", name)));
    return new Map(pairs.map((pair) => configPair.parse(pair)));
  } catch {
    return undefined;
  }
}

/** @returns ms that the server's clock is ahead of ours, assuming equal delays both ways */
async function clockAhead(server: Redis): Promise<number> {
  const before = Date.now();
  const [seconds, micros] = await server.time();
  const ours = (before + Date.now()) / 2;
  return Number(seconds) * 1000 + Number(micros) / 1000 - ours;
}

/** @returns ms */
async function median(times: number, ask: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now();
    await ask();
    took.push(performance.now() - startedAt);
  }
  return took.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}
