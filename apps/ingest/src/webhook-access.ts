import { hash, timingSafeEqual } from "node:crypto";
import type { InstanceId, InstanceRegistry } from "@ticktally/core";
import { LRUCache } from "lru-cache";

/** What a sender may post: webhooks of any instance, or of one. */
export type Access = { readonly kind: "account" } | { readonly kind: "instance"; readonly instance: InstanceId };

/**
 * Tells by the `Authorization` header who is posting: the account's webhook token, or the token of one instance. Both are
 * compared as SHA-256 in constant time; a digest tells an attacker nothing about how near a guess was.
 */
export class WebhookAccess {
  readonly #accountToken: Buffer;
  readonly #registry: Pick<InstanceRegistry, "tokenOwner">;
  /** A token that was taken back works here for ten seconds more. */
  readonly #owners = new LRUCache<string, { readonly instance: InstanceId | undefined }>({ max: 10_000, ttl: 10_000 });

  constructor(accountToken: string, registry: Pick<InstanceRegistry, "tokenOwner">) {
    this.#accountToken = sha256(accountToken);
    this.#registry = registry;
  }

  /** Answers the account's token without a promise: that is the hot path. @throws {StoreUnavailableError} as a rejection */
  of(authorization: string | undefined): Access | undefined | Promise<Access | undefined> {
    const token = tokenOf(authorization);
    if (token === "") return undefined;
    const digest = sha256(token);
    return timingSafeEqual(digest, this.#accountToken) ? ACCOUNT : this.#ofInstance(digest.toString("hex"));
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

/** The gateway sends `Bearer x`, `Basic x` or bare `x`, as its user has typed it into its settings. */
function tokenOf(authorization: string | undefined): string {
  return (authorization ?? "").replace(/^(bearer|basic)\s+/i, "").trim();
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
