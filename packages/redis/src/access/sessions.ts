import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/** A session ends when it has not been used for this long. */
const UNUSED_SECONDS_MAX = 7 * 86_400;

/**
 * Sign-ins of the console. A session points at the token it was opened with: it ends with the token and has the token's rights. Both are
 * kept as SHA-256.
 */
export class RedisSessions {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** @param sessionSha256 hex @param tokenSha256 hex */
  async open(sessionSha256: string, tokenSha256: string): Promise<void> {
    await this.#redis
      .set(this.#keys.sessionPrefix + sessionSha256, tokenSha256, "EX", UNUSED_SECONDS_MAX)
      .catch(storeError);
  }

  /** The token of a session, hex SHA-256; `undefined` if there is no such session, or no longer. */
  async tokenOf(sessionSha256: string): Promise<string | undefined> {
    const token = await this.#redis
      .getex(this.#keys.sessionPrefix + sessionSha256, "EX", UNUSED_SECONDS_MAX)
      .catch(storeError);
    return token ?? undefined;
  }

  async close(sessionSha256: string): Promise<void> {
    await this.#redis.del(this.#keys.sessionPrefix + sessionSha256).catch(storeError);
  }
}
