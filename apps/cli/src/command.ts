import { parseArgs, type ParseArgsConfig } from "node:util";
import { readFileSync } from "node:fs";
import { BackupError, checkRedis, Keys, type RedisClient } from "@ticktally/redis";
import { quarantinedText } from "@ticktally/gateways";
import { EnvironmentError, manifest, readEnvironment, toolEnvironment } from "@ticktally/schemas";
import { connectOnce } from "./redis-connection.ts";

/** The context that a command runs in. */
interface Invocation {
  readonly args: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly now: () => number;
}

/** @returns the exit code */
export type Command = (invocation: Invocation) => Promise<number>;

/** The exit code of sysexits.h for invalid settings. */
export const CONFIGURATION = 78;

/** How long a single read of a large instance may take. */
const COMMAND_TIMEOUT_MS = 60_000;

export interface CommandContext {
  readonly args: readonly string[];
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly retentionDays: number;
  readonly shorten: typeof quarantinedText;
  readonly now: () => number;
}

/** A command that needs a healthy Redis. Errors are one sentence on stderr. */
export function onRedis(work: (context: CommandContext) => Promise<void>): Command {
  return async ({ args, variables, now }) => {
    let redis: RedisClient | undefined;
    try {
      const env = readEnvironment(toolEnvironment, variables);
      const answer = await connectOnce(env, COMMAND_TIMEOUT_MS);
      if ("unreachable" in answer) throw new BackupError(`Redis at REDIS_URL cannot be reached: ${answer.unreachable}`);
      redis = answer;
      const { faults } = await checkRedis(redis);
      if (faults.length > 0) throw new BackupError(faults.join("\n"));
      const { MESSAGE_RETENTION_DAYS: retentionDays } = env;
      await work({ args, redis, keys: new Keys(), retentionDays, shorten: quarantinedText, now });
      return 0;
    } catch (error) {
      tell(isExpected(error) ? error.message : String(error instanceof Error ? error.stack : error));
      return error instanceof EnvironmentError ? CONFIGURATION : 1;
    } finally {
      redis?.disconnect();
    }
  };
}

/** Ticktally's version. */
export function productVersion(): string {
  return manifest.parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).version;
}

/** Message for the person at the terminal; results go to stdout. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @throws {BackupError} for an unknown option */
export function optionsOf<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options }>>["values"] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BackupError(error instanceof Error ? error.message : "These options cannot be read.");
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof BackupError || error instanceof EnvironmentError || isStoreError(error);
}

function isStoreError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("store_");
}
