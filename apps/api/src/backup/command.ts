import { parseArgs, type ParseArgsConfig } from "node:util";
import { readFileSync } from "node:fs";
import { BackupError, checkRedis, connect, Keys, redisTarget, type RedisClient } from "@ticktally/redis";
import { quarantinedText } from "@ticktally/gateways";
import { EnvironmentError, manifest, readEnvironment, toolEnvironment, type ToolEnvironment } from "@ticktally/schemas";

/** So long may one read of a large instance take. */
const COMMAND_TIMEOUT_MS = 60_000;

export interface CommandContext {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly retentionDays: number;
  readonly shorten: typeof quarantinedText;
  readonly now: () => number;
}

/** Run a command line tool to its end. What goes wrong is one sentence on stderr and an exit code from sysexits.h. */
export async function runCommand(work: (context: CommandContext) => Promise<void>): Promise<void> {
  let redis: RedisClient | undefined;
  try {
    const env = readEnvironment(toolEnvironment, process.env);
    redis = await connected(env);
    const { MESSAGE_RETENTION_DAYS: retentionDays } = env;
    await work({ redis, keys: new Keys(), retentionDays, shorten: quarantinedText, now: Date.now });
  } catch (error) {
    process.exitCode = error instanceof EnvironmentError ? 78 : 1;
    tell(isExpected(error) ? error.message : String(error instanceof Error ? error.stack : error));
  } finally {
    redis?.disconnect();
  }
}

/** The product's version. */
export function productVersion(): string {
  return manifest.parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;
}

/** To the person at the terminal; what is asked for goes to stdout. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @throws {BackupError} an option that there is not */
export function optionsOf<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>>["values"] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    throw new BackupError(error instanceof Error ? error.message : "These options cannot be read.");
  }
}

async function connected(env: ToolEnvironment): Promise<RedisClient> {
  let reason = "";
  const redis = connect(redisTarget(env, COMMAND_TIMEOUT_MS), "reader", (error) => (reason = error.message));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.disconnect();
      reject(new BackupError(`Redis at REDIS_URL cannot be reached: ${reason}`));
    }, env.REDIS_COMMAND_TIMEOUT_MS);
    redis.once("ready", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const { faults } = await checkRedis(redis);
  if (faults.length === 0) return redis;
  redis.disconnect();
  throw new BackupError(faults.join("\n"));
}

function isExpected(error: unknown): error is Error {
  return error instanceof BackupError || error instanceof EnvironmentError || isStoreError(error);
}

function isStoreError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("store_");
}
