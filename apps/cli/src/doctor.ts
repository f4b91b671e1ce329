import { examineRedis, type Examination } from "@ticktally/redis";
import { EnvironmentError, readEnvironment, toolEnvironment, type ToolEnvironment } from "@ticktally/schemas";
import { type Command, CONFIGURATION } from "./command.ts";
import { connectOnce } from "./redis-connection.ts";

/**
 * `doctor`: examines the Redis in the environment and says what to change. Exit code 0: fine, 1: something weakens a guarantee, 2: it must
 * not be used like this, or cannot be reached, 78: the environment is invalid.
 */
export const doctor: Command = async ({ variables }) => {
  try {
    const env = readEnvironment(toolEnvironment, variables);
    const examinations = await examined(env);
    for (const { node, findings } of examinations) {
      print(`Redis at ${node}`);
      for (const { severity, text } of findings) print(`  ${SIGNS[severity]}  ${text}`);
    }
    const severities = examinations.flatMap(({ findings }) => findings.map(({ severity }) => severity));
    return severities.includes("fault") ? 2 : severities.includes("warning") ? 1 : 0;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    print(error.message);
    return CONFIGURATION;
  }
};

const SIGNS = { ok: "ok     ", warning: "warning", fault: "FAULT  " } as const;

async function examined(env: ToolEnvironment): Promise<readonly Examination[]> {
  const redis = await connectOnce(env);
  if ("unreachable" in redis) {
    const text = `cannot be reached: ${redis.unreachable}. Is REDIS_URL right, and may this machine connect?`;
    return [{ node: "REDIS_URL", findings: [{ severity: "fault", text }] }];
  }
  try {
    return await examineRedis(redis, { cluster: env.REDIS_CLUSTER, shards: env.QUEUE_SHARDS });
  } finally {
    redis.disconnect();
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
