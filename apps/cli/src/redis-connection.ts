import { connect, redisTarget, type RedisClient } from "@ticktally/redis";
import type { ToolEnvironment } from "@ticktally/schemas";

/**
 * Connect to the Redis in the environment; throws the last error if it does not answer.
 * @param commandTimeoutMs how long one command may take
 */
export async function connectOnce(
  env: ToolEnvironment,
  commandTimeoutMs = env.REDIS_COMMAND_TIMEOUT_MS,
): Promise<RedisClient | { readonly unreachable: string }> {
  let unreachable = "no answer";
  const redis = connect(redisTarget(env, commandTimeoutMs), "reader", (error) => (unreachable = error.message));
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      redis.disconnect();
      resolve({ unreachable });
    }, env.REDIS_COMMAND_TIMEOUT_MS);
    redis.once("ready", () => {
      clearTimeout(timer);
      resolve(redis);
    });
  });
}
