import { connect, examineRedis, redisTarget, type Examination, type RedisClient } from "@ticktally/redis";
import { EnvironmentError, readEnvironment, toolEnvironment, type ToolEnvironment } from "@ticktally/schemas";

/**
 * `doctor`: looks at the Redis that the environment names and says what to change. Exit code 0: fine, 1: something weakens a
 * promise, 2: it must not be used so, or cannot be reached, 78: the environment is wrong.
 */
const SIGNS = { ok: "ok     ", warning: "warning", fault: "FAULT  " } as const;

try {
  const env = readEnvironment(toolEnvironment, process.env);
  const examinations = await examined(env);
  for (const { node, findings } of examinations) {
    print(`Redis at ${node}`);
    for (const { severity, text } of findings) print(`  ${SIGNS[severity]}  ${text}`);
  }
  const severities = examinations.flatMap(({ findings }) => findings.map(({ severity }) => severity));
  process.exitCode = severities.includes("fault") ? 2 : severities.includes("warning") ? 1 : 0;
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  print(error.message);
  process.exitCode = 78;
}

async function examined(env: ToolEnvironment): Promise<readonly Examination[]> {
  let reason = "no answer";
  const redis = connect(redisTarget(env), "reader", (error) => (reason = error.message));
  try {
    if (await isReady(redis, env.REDIS_COMMAND_TIMEOUT_MS))
      return await examineRedis(redis, { cluster: env.REDIS_CLUSTER, shards: env.QUEUE_SHARDS });
    const text = `cannot be reached: ${reason}. Is REDIS_URL right, and may this machine connect?`;
    return [{ node: "REDIS_URL", findings: [{ severity: "fault", text }] }];
  } finally {
    redis.disconnect();
  }
}

async function isReady(redis: RedisClient, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, timeoutMs);
    redis.once("ready", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
