import { createHash } from "node:crypto";
import { RedisStore, type RedisReply } from "rate-limit-redis";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/**
 * Where express-rate-limit counts requests, shared by all replicas. A request that Redis cannot count is let through: a full Redis refuses
 * to count requests but still serves the metrics, which are needed most at that moment. After a timeout no further request waits for Redis,
 * or each would wait as long again.
 *
 * @param onUncounted called when a request passes without being counted
 */
export function rateLimitStore(redis: RedisClient, keys: Keys, onUncounted: (error: Error) => void): RedisStore {
  // Not loaded at start-up: Redis may be unreachable then, and in a cluster each master needs the scripts.
  const scripts = new Map<string, string>();
  const call = async (command: string, ...args: string[]) => (await redis.call(command, ...args)) as RedisReply;
  const send = async (command: string, ...args: string[]): Promise<RedisReply> => {
    if (command === "SCRIPT") {
      const [, script = ""] = args;
      scripts.set(sha1(script), script);
      return sha1(script);
    }
    return call(command, ...args).catch(async (error: unknown) => {
      const script = scripts.get(args[0] ?? "");
      if (script === undefined || !(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return call("EVAL", script, ...args.slice(1));
    });
  };
  return new PassingStore({ sendCommand: send, prefix: keys.rateLimitPrefix }, onUncounted);
}

class PassingStore extends RedisStore {
  readonly #onUncounted: (error: Error) => void;

  constructor(options: ConstructorParameters<typeof RedisStore>[0], onUncounted: (error: Error) => void) {
    super(options);
    this.#onUncounted = onUncounted;
  }

  /** @throws {StoreUnavailableError} Redis did not answer in time */
  override async increment(key: string): ReturnType<RedisStore["increment"]> {
    try {
      return await super.increment(key);
    } catch (error) {
      if (!(error instanceof Error) || error.message === TIMED_OUT) storeError(error);
      this.#onUncounted(error);
      return { totalHits: 1, resetTime: new Date(Date.now() + this.windowMs) };
    }
  }
}

/** The message of ioredis when `commandTimeout` has passed. */
const TIMED_OUT = "Command timed out";

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
