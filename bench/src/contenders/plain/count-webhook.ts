// Two implementations of the same counting: a hash with a message's times, counts, hourly counts and a set of chats. Both count each status of a
// message once, in any order and with repeats.
import { chatOf, countedAs } from "./webhook.ts";
import type { Webhook } from "./webhook.ts";
import type { Redis } from "ioredis";

const KEPT_SECONDS = 30 * 86_400;

export async function countInSeparateCalls(redis: Redis, webhook: Webhook) {
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

export function countingInOneCall(redis: Redis): (webhook: Webhook) => Promise<unknown> {
  redis.defineCommand("count", { numberOfKeys: 4, lua: LUA });
  const counting = redis as Redis & { count(...args: (string | number)[]): Promise<unknown> };
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

/** @returns the counts of all instances together */
export async function plainTotals(redis: Redis): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const key of await redis.keys("counts:*")) {
    for (const [word, count] of Object.entries(await redis.hgetall(key))) {
      totals[word] = (totals[word] ?? 0) + Number(count);
    }
  }
  return totals;
}
