// Read a contender's store from outside: its queue and its counts.
import { Cluster, Redis } from "ioredis";
import pg from "pg";
import { webhooksOf } from "@ticktally/schemas";
import { parseJson } from "../../../scripts/process/json.mjs";

/** in units of the queue: jobs or entries; `added` since the queue was created */
interface QueueState {
  waiting: number;
  added: number;
}
export interface Inspector {
  queue: () => Promise<QueueState>;
  /** the number of webhooks in the waiting jobs; `undefined` if it is not known */
  stored: () => Promise<number | undefined>;
  /** the counts of all instances together, by kind */
  totals: () => Promise<Record<string, number>>;
  close: () => Promise<void>;
}

export async function redisInspector(
  url: string,
  queue: RedisQueue,
  totals: (redis: Redis) => Promise<Record<string, number>>,
): Promise<Inspector> {
  const redis = new Redis(url);
  await redis.ping();
  return {
    queue: async () => queue.state(redis),
    stored: async () => queue.stored(redis),
    totals: async () => totals(redis),
    close: async () => {
      await redis.quit();
    },
  };
}

/**
 * Ticktally on a Redis Cluster: the queues of all shards together.
 * @param url of all masters, separated by commas
 */
export async function clusterInspector(
  url: string,
  shards: number,
  totals: (redis: Cluster) => Promise<Record<string, number>>,
): Promise<Inspector> {
  const redis = new Cluster(url.split(","));
  await redis.ping();
  const prefixes = Array.from({ length: shards }, (_, shard) => `ticktally:{queue-${shard}}:webhooks:`);
  return {
    queue: async () => {
      const states = await Promise.all(prefixes.map(async (prefix) => bullState(redis, prefix)));
      return {
        waiting: states.reduce((sum, { waiting }) => sum + waiting, 0),
        added: states.reduce((sum, { added }) => sum + added, 0),
      };
    },
    stored: async () => Promise.resolve(undefined),
    totals: async () => totals(redis),
    close: async () => {
      await redis.quit();
    },
  };
}

export interface RedisQueue {
  state: (redis: Redis) => Promise<QueueState>;
  stored: (redis: Redis) => Promise<number | undefined>;
}

/**
 * @param prefix of a BullMQ queue's keys
 * @param webhooksIn how many webhooks a job's data holds
 */
function bullQueue(prefix: string, webhooksIn: (data: string) => number): RedisQueue {
  return {
    state: async (redis) => bullState(redis, prefix),
    stored: async (redis) => {
      const ids = await redis.lrange(`${prefix}wait`, 0, -1);
      const jobs = await Promise.all(ids.map(async (id) => redis.hget(prefix + id, "data")));
      return jobs.reduce((sum, data) => sum + webhooksIn(data ?? ""), 0);
    },
  };
}

async function bullState(redis: Redis | Cluster, prefix: string): Promise<QueueState> {
  const [wait, active, id] = await Promise.all([
    redis.llen(`${prefix}wait`),
    redis.llen(`${prefix}active`),
    redis.get(`${prefix}id`),
  ]);
  return { waiting: wait + active, added: Number(id) };
}

export const plainBullQueue = bullQueue("bull:plain:", () => 1);
export const ourQueue = bullQueue("ticktally:{queue-0}:webhooks:", (data) => webhooksOf(parseJson(data)).length);

/** Entries are deleted once they are counted. */
export const streamQueue: RedisQueue = {
  state: async (redis) => {
    const info = (await redis.xinfo("STREAM", "webhooks")) as (string | number)[];
    const field = (name: string) => Number(info[info.indexOf(name) + 1]);
    return { waiting: field("length"), added: field("entries-added") };
  },
  stored: async (redis) => {
    const entries = await redis.xrange("webhooks", "-", "+");
    return entries.reduce((sum, [, [, lines = ""]]) => sum + lines.split("\n").length, 0);
  },
};

export async function pgBossInspector(url: string): Promise<Inspector> {
  const client = new pg.Client(url);
  await client.connect();
  const number = async (sql: string) => {
    const { rows } = await client.query(sql);
    return Number((rows as { count: string }[])[0]?.count);
  };
  return {
    queue: async () => ({
      waiting: await number("SELECT count(*) FROM pgboss.job WHERE name = 'webhooks' AND state < 'completed'"),
      added: await number("SELECT count(*) FROM pgboss.job WHERE name = 'webhooks'"),
    }),
    stored: async () => number("SELECT count(*) FROM pgboss.job WHERE name = 'webhooks'"),
    totals: async () => {
      const { rows } = await client.query("SELECT word, sum(count) AS count FROM counts GROUP BY word");
      const words = rows as { word: string; count: string }[];
      return Object.fromEntries(words.map(({ word, count }) => [word, Number(count)]));
    },
    close: async () => client.end(),
  };
}
