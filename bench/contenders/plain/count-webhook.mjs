// Two ways to write the same counting: a message's times in a hash, counts, counts by hour, a set of chats. Either counts
// each status of a message once, in whatever order and however often it is told.
import { chatOf, countedAs } from "./webhook.mjs";

/** @typedef {import("./webhook.mjs").Webhook} Webhook */
/** @typedef {import("ioredis").Redis} Redis */

const KEPT_SECONDS = 30 * 86_400;

/** @param {Redis} redis @param {Webhook} webhook */
export async function countInSeparateCalls(redis, webhook) {
  const { idInstance } = webhook.instanceData;
  const key = `message:${idInstance}:${webhook.idMessage}`;
  const word = countedAs(webhook);
  if ((await redis.hsetnx(key, word, webhook.timestamp)) === 0) return;
  await redis.expire(key, KEPT_SECONDS);
  await redis.hincrby(`counts:${idInstance}`, word, 1);
  await redis.hincrby(`hours:${idInstance}:${Math.floor(webhook.timestamp / 3600)}`, word, 1);
  await redis.sadd(`chats:${idInstance}`, chatOf(webhook));
}

const LUA = `
if redis.call("HSETNX", KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call("EXPIRE", KEYS[1], ${KEPT_SECONDS})
redis.call("HINCRBY", KEYS[2], ARGV[1], 1)
redis.call("HINCRBY", KEYS[3], ARGV[1], 1)
redis.call("SADD", KEYS[4], ARGV[3])
return 1`;

/** @param {Redis} redis @returns {(webhook: Webhook) => Promise<unknown>} */
export function countingInOneCall(redis) {
  redis.defineCommand("count", { numberOfKeys: 4, lua: LUA });
  const counting = /** @type {Redis & { count(...args: (string | number)[]): Promise<unknown> }} */ (redis);
  return async (webhook) => {
    const { instanceData, idMessage, timestamp } = webhook;
    const instance = instanceData.idInstance;
    const hour = Math.floor(timestamp / 3600);
    const keys = [
      `message:${instance}:${idMessage}`,
      `counts:${instance}`,
      `hours:${instance}:${hour}`,
      `chats:${instance}`,
    ];
    return counting.count(...keys, countedAs(webhook), timestamp, chatOf(webhook));
  };
}

/** @param {Redis} redis @returns {Promise<Record<string, number>>} the counts of all instances together */
export async function plainTotals(redis) {
  /** @type {Record<string, number>} */
  const totals = {};
  for (const key of await redis.keys("counts:*")) {
    for (const [word, count] of Object.entries(await redis.hgetall(key))) {
      totals[word] = (totals[word] ?? 0) + Number(count);
    }
  }
  return totals;
}
