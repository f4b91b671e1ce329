// Look into a contender's store from outside: what waits there, and what has been counted.
import { Cluster, Redis } from "ioredis";
import pg from "pg";
import { webhooksOf } from "../packages/schemas/dist/index.js";
import { parseJson } from "../scripts/process/json.mjs";

/** @typedef {{ waiting: number, added: number }} QueueState in whatever the queue holds: jobs, entries; `added` since its beginning */
/**
 * @typedef {object} Inspector
 * @property {() => Promise<QueueState>} queue
 * @property {() => Promise<number | undefined>} stored webhooks that wait in the queue, counted one by one; `undefined` where there is none
 * @property {() => Promise<Record<string, number>>} totals what was counted of each kind, all instances together
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} url
 * @param {RedisQueue} queue
 * @param {(redis: Redis) => Promise<Record<string, number>>} totals
 * @returns {Promise<Inspector>}
 */
export async function redisInspector(url, queue, totals) {
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
 * Ours on a Redis Cluster: the queues of all shards together.
 * @param {string} url of all masters, by comma @param {number} shards
 * @param {(redis: Cluster) => Promise<Record<string, number>>} totals
 * @returns {Promise<Inspector>}
 */
export async function clusterInspector(url, shards, totals) {
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

/** @typedef {{ state: (redis: Redis) => Promise<QueueState>, stored: (redis: Redis) => Promise<number | undefined> }} RedisQueue */

/**
 * @param {string} prefix of a BullMQ queue's keys
 * @param {(data: string) => number} webhooksIn how many webhooks a job's data holds
 * @returns {RedisQueue}
 */
function bullQueue(prefix, webhooksIn) {
  return {
    state: async (redis) => bullState(redis, prefix),
    stored: async (redis) => {
      const ids = await redis.lrange(`${prefix}wait`, 0, -1);
      const jobs = await Promise.all(ids.map(async (id) => redis.hget(prefix + id, "data")));
      return jobs.reduce((sum, data) => sum + webhooksIn(data ?? ""), 0);
    },
  };
}

/** @param {Redis | Cluster} redis @param {string} prefix @returns {Promise<QueueState>} */
async function bullState(redis, prefix) {
  const [wait, active, id] = await Promise.all([
    redis.llen(`${prefix}wait`),
    redis.llen(`${prefix}active`),
    redis.get(`${prefix}id`),
  ]);
  return { waiting: wait + active, added: Number(id) };
}

export const plainBullQueue = bullQueue("bull:plain:", () => 1);
export const ourQueue = bullQueue("ticktally:{queue-0}:webhooks:", (data) => webhooksOf(parseJson(data)).length);

/** Entries are deleted when they are counted. @type {RedisQueue} */
export const streamQueue = {
  state: async (redis) => {
    const info = /** @type {(string | number)[]} */ (await redis.xinfo("STREAM", "webhooks"));
    const field = (/** @type {string} */ name) => Number(info[info.indexOf(name) + 1]);
    return { waiting: field("length"), added: field("entries-added") };
  },
  stored: async (redis) => {
    const entries = await redis.xrange("webhooks", "-", "+");
    return entries.reduce((sum, [, [, lines = ""]]) => sum + lines.split("\n").length, 0);
  },
};

/** @param {string} url @returns {Promise<Inspector>} */
export async function pgBossInspector(url) {
  const client = new pg.Client(url);
  await client.connect();
  const number = async (/** @type {string} */ sql) => {
    const { rows } = await client.query(sql);
    return Number(/** @type {{ count: string }[]} */ (rows)[0]?.count);
  };
  return {
    queue: async () => ({
      waiting: await number("SELECT count(*) FROM pgboss.job WHERE name = 'webhooks' AND state < 'completed'"),
      added: await number("SELECT count(*) FROM pgboss.job WHERE name = 'webhooks'"),
    }),
    stored: async () => number("SELECT count(*) FROM pgboss.job WHERE name = 'webhooks'"),
    totals: async () => {
      const { rows } = await client.query("SELECT word, sum(count) AS count FROM counts GROUP BY word");
      const words = /** @type {{ word: string, count: string }[]} */ (rows);
      return Object.fromEntries(words.map(({ word, count }) => [word, Number(count)]));
    },
    close: async () => client.end(),
  };
}
