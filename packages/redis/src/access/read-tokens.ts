import { storedReadToken, type StoredReadToken } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

/** A read token as it is listed: never the token itself. */
export interface ReadToken extends StoredReadToken {
  /** Unix seconds, to the minute; `undefined` until it is used. */
  readonly lastUsedAt: number | undefined;
}

/** A token's last use is stored at most this often. */
const USE_WRITTEN_EVERY_SECONDS = 60;

/** Tokens that read everything and change nothing. Only their SHA-256 is kept. */
export class RedisReadTokens {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  /** By id, the last use that was stored; one entry per token. */
  readonly #written = new Map<string, number>();

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** @param tokenSha256 hex */
  async add(tokenSha256: string, token: StoredReadToken): Promise<void> {
    await this.#redis.hset(this.#keys.readTokens, tokenSha256, JSON.stringify(token)).catch(storeError);
  }

  /** @param tokenSha256 hex @returns `undefined` if there is no such token, or no longer */
  async find(tokenSha256: string): Promise<StoredReadToken | undefined> {
    const stored = await this.#redis.hget(this.#keys.readTokens, tokenSha256).catch(storeError);
    return stored === null ? undefined : storedReadToken.parse(JSON.parse(stored));
  }

  /** Oldest first. */
  async list(): Promise<readonly ReadToken[]> {
    const [tokens, uses] = await Promise.all([this.#stored(), this.#redis.hgetall(this.#keys.readTokenUses)]).catch(
      storeError,
    );
    return tokens
      .map(({ token }) => ({ ...token, lastUsedAt: uses[token.id] === undefined ? undefined : Number(uses[token.id]) }))
      .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** @returns `false`: there is no token with this id */
  async remove(id: string): Promise<boolean> {
    const found = (await this.#stored()).find(({ token }) => token.id === id);
    if (found === undefined) return false;
    this.#written.delete(id);
    const removed = await this.#redis.hdel(this.#keys.readTokens, found.digest).catch(storeError);
    await this.#redis.hdel(this.#keys.readTokenUses, id).catch(storeError);
    return removed === 1;
  }

  /** Ignores errors: a full Redis refuses to store this, and must not refuse reads. @param now Unix seconds */
  async used(id: string, now: number): Promise<void> {
    const written = this.#written.get(id);
    if (written !== undefined && now - written < USE_WRITTEN_EVERY_SECONDS) return;
    this.#written.set(id, now);
    await this.#redis.hset(this.#keys.readTokenUses, id, now).catch(() => undefined);
  }

  async #stored(): Promise<readonly { readonly digest: string; readonly token: StoredReadToken }[]> {
    const stored = await this.#redis.hgetall(this.#keys.readTokens).catch(storeError);
    return Object.entries(stored).map(([digest, text]) => ({ digest, token: storedReadToken.parse(JSON.parse(text)) }));
  }
}
