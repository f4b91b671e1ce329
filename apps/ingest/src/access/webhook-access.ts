import { hash, timingSafeEqual } from "node:crypto";
import type { InstanceId, InstanceRegistry } from "@ticktally/core";
import type { Access } from "@ticktally/gateways";
import { LRUCache } from "lru-cache";

/**
 * Tells whose a webhook token is: the account's, or that of one instance. Neither
 * comparison tells an attacker how near a guess was: the first takes the same time for every text, and of the second only
 * SHA-256 digests are kept.
 */
export class WebhookAccess {
  readonly #accountToken: ConstantTimeText;
  readonly #registry: Pick<InstanceRegistry, "tokenOwner">;
  /** A token that was taken back works here for ten seconds more. */
  readonly #owners = new LRUCache<string, { readonly instance: InstanceId | undefined }>({ max: 10_000, ttl: 10_000 });

  constructor(accountToken: string, registry: Pick<InstanceRegistry, "tokenOwner">) {
    this.#accountToken = new ConstantTimeText(accountToken);
    this.#registry = registry;
  }

  /** Answers the account's token without a promise: that is the hot path. @throws {StoreUnavailableError} as a rejection */
  of(token: string): Access | undefined | Promise<Access | undefined> {
    if (token === "") return undefined;
    return this.#accountToken.equals(token) ? ACCOUNT : this.#ofInstance(hash("sha256", token));
  }

  async #ofInstance(digest: string): Promise<Access | undefined> {
    let owner = this.#owners.get(digest);
    if (owner === undefined) {
      owner = { instance: await this.#registry.tokenOwner(digest) };
      this.#owners.set(digest, owner);
    }
    return owner.instance === undefined ? undefined : { kind: "instance", instance: owner.instance };
  }
}

const ACCOUNT: Access = { kind: "account" };

/** A text that those in headers are compared with in constant time, whatever their length; a digest of each costs five times as much. */
class ConstantTimeText {
  readonly #bytes: Buffer;
  readonly #given: Buffer;

  constructor(text: string) {
    // The zero that ends it is in no header, so nothing longer is equal.
    this.#bytes = Buffer.from(`${text}\0`);
    this.#given = Buffer.alloc(this.#bytes.length);
  }

  /** @param text as Node gives a header: a character for each byte that was sent */
  equals(text: string): boolean {
    this.#given.fill(0).write(text, "latin1");
    return timingSafeEqual(this.#given, this.#bytes);
  }
}
