import { hash, timingSafeEqual } from "node:crypto";
import type { InstanceId, InstanceRegistry } from "@ticktally/core";
import type { Access } from "@ticktally/gateways";
import { LRUCache } from "lru-cache";

/**
 * Finds the owner of a webhook token: the account, or one instance. Neither comparison reveals to an attacker how close a guess was: the
 * first takes constant time, and for the second only SHA-256 digests are stored.
 */
export class WebhookAccess {
  readonly #accountToken: ConstantTimeText;
  readonly #registry: Pick<InstanceRegistry, "tokenOwner">;
  /** A revoked token keeps working here for up to ten seconds. */
  readonly #owners = new LRUCache<string, { readonly instance: InstanceId | undefined }>({ max: 10_000, ttl: 10_000 });

  constructor(accountToken: string, registry: Pick<InstanceRegistry, "tokenOwner">) {
    this.#accountToken = new ConstantTimeText(accountToken);
    this.#registry = registry;
  }

  /** The account's token is answered without a promise, because that is the hot path. @throws {StoreUnavailableError} as a rejection */
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

/**
 * A secret that header values are compared with in constant time, whatever their length. Comparing digests would cost five times as much.
 */
class ConstantTimeText {
  readonly #bytes: Buffer;
  readonly #given: Buffer;

  constructor(text: string) {
    // Headers cannot contain the final zero byte, so no longer text is equal.
    this.#bytes = Buffer.from(`${text}\0`);
    this.#given = Buffer.alloc(this.#bytes.length);
  }

  /** @param text a header as Node provides it: one character per byte */
  equals(text: string): boolean {
    this.#given.fill(0).write(text, "latin1");
    return timingSafeEqual(this.#given, this.#bytes);
  }
}
