import type { SharedEnvironment } from "@ticktally/schemas";
import { Cluster, Redis, type RedisOptions } from "ioredis";

export type RedisClient = Redis | Cluster;

/**
 * What a connection is for. They fail differently on purpose. `producer` and `reader` serve a waiting client, so a command fails at once
 * when Redis is unreachable. `worker` can wait and must never give up (BullMQ requires endless retries).
 */
export type ConnectionRole = "producer" | "reader" | "worker";

export interface RedisTarget {
  /** `redis://` or `rediss://`; several, separated by commas, are the first nodes of a cluster. */
  readonly url: string;
  readonly cluster: boolean;
  /** `host:port` of sentinels; empty for none. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly sentinelMaster: string;
  /** A command of a producer or reader fails after this time. */
  readonly commandTimeoutMs: number;
}

/** The Redis that the environment names. @param commandTimeoutMs for producers and readers */
export function redisTarget(env: SharedEnvironment, commandTimeoutMs = env.REDIS_COMMAND_TIMEOUT_MS): RedisTarget {
  return {
    url: env.REDIS_URL,
    cluster: env.REDIS_CLUSTER,
    sentinels: env.REDIS_SENTINEL,
    sentinelMaster: env.REDIS_SENTINEL_MASTER,
    commandTimeoutMs,
  };
}

/**
 * Connect for one role. Every client has an error listener, so an outage is reported and never ends the process.
 * @param onError called for each failed attempt and each broken connection; throttle its log lines
 */
export function connect(target: RedisTarget, role: ConnectionRole, onError: (error: Error) => void): RedisClient {
  const options = { ...common(target), ...(role === "worker" ? FOREVER : failFast(target)) };
  const client = open(target, options);
  client.on("error", onError);
  return client;
}

/**
 * BullMQ blocks for up to 10 s while it waits for jobs. A socket that stays silent for much longer is closed, for example after a failover
 * from a master that froze.
 */
const BLOCKING_SOCKET_TIMEOUT_MS = 15_000;
/** Other roles never block: a socket that is silent for longer than a command may take is dead, even if no packet said so. */
const SOCKET_TIMEOUT_MARGIN_MS = 1_000;
const KEEP_ALIVE_MS = 5_000;
const RECONNECT_MS_MAX = 1_000;

/** Maps and sets of RESP3 arrive as the plain arrays and objects that BullMQ expects. */
type Options = Fragment & { replyMapping: "legacy" };
type Fragment = Omit<RedisOptions, "replyMapping">;

const FOREVER: Fragment = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  socketTimeout: BLOCKING_SOCKET_TIMEOUT_MS,
};

function failFast({ commandTimeoutMs }: RedisTarget): Fragment {
  return {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    socketTimeout: commandTimeoutMs + SOCKET_TIMEOUT_MARGIN_MS,
  };
}

/** The name of our connections. `npm run upgrade` recognises those of version 0.1 because they have no name. */
const CONNECTION_NAME = "ticktally";

function common(target: RedisTarget): Options {
  return {
    replyMapping: "legacy",
    connectionName: CONNECTION_NAME,
    keepAlive: KEEP_ALIVE_MS,
    connectTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX),
    // After a failover the old master answers READONLY until the connection moves on.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    ...(target.sentinels.length > 0 ? { failoverDetector: true } : {}),
  };
}

function open(target: RedisTarget, options: Options): RedisClient {
  const urls = target.url.split(",").map((url) => url.trim());
  const [first = ""] = urls;
  const { username, password, protocol } = new URL(first);
  const access: Fragment = {
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
  };
  if (target.sentinels.length > 0) {
    return new Redis({ ...options, ...access, sentinels: [...target.sentinels], name: target.sentinelMaster });
  }
  if (target.cluster || urls.length > 1) {
    const { enableOfflineQueue = true, ...redisOptions } = { ...options, ...access };
    return new Cluster(urls, { redisOptions, enableOfflineQueue });
  }
  return new Redis(first, options);
}
