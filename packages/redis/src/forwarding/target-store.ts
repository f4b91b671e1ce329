import { randomBytes } from "node:crypto";
import { StoreUnavailableError } from "@ticktally/core";
import { storedTarget, targetSecrets, targetsReply, type StoredTarget, type TargetSecrets } from "@ticktally/schemas";
import type { RedisClient } from "../connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import type { ForwardCipher } from "./forward-cipher.ts";
import { defineForwardScripts } from "./forward-scripts.ts";

/** All targets, as they were at one moment. */
export interface Targets {
  readonly version: string;
  /** What our own requests carry, so that one that comes back is known; "" while there was never a target. */
  readonly ownId: string;
  readonly targets: readonly StoredTarget[];
  /** Redis's clock when they were read, Unix ms. */
  readonly redisMs: number;
}

/** So many hosts may have all their places in a forwarder taken at once, see `host-places.ts`. */
const TARGETS_MAX = 100;
const CHANGES_MAX = 20;

/** Where webhooks are passed on to. */
export class RedisTargets {
  readonly #redis: RedisClient;
  readonly #root: string;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#root = keys.forwarding;
    defineForwardScripts(redis);
  }

  async read(): Promise<Targets> {
    const reply = targetsReply.parse(await this.#redis.readTargets(this.#root).catch(storeError));
    const [version = "0", redisMs = "0", ownId = "", ...fields] = reply;
    const stored = fields.filter((_, place) => place % 2 === 1);
    return { version, ownId, redisMs: Number(redisMs), targets: stored.map(targetOf).sort(byName) };
  }

  /** One small command: asked with every batch. */
  async version(): Promise<string> {
    return (await this.#redis.get(`${this.#root}version`).catch(storeError)) ?? "0";
  }

  /** @returns `taken`: there is one of this name; `full`: there are {@link TARGETS_MAX} */
  async add(target: StoredTarget): Promise<"added" | "taken" | "full"> {
    const reply = await this.#change(target.name, "", JSON.stringify(target));
    if (reply === "full") return "full";
    return reply === "ok" ? "added" : "taken";
  }

  /** @param decide what it is to be, or `undefined` to remove it @returns what it was; `undefined`: there is none */
  async change(
    name: string,
    decide: (target: StoredTarget) => StoredTarget | undefined,
  ): Promise<{ readonly before: StoredTarget; readonly after: StoredTarget | undefined } | undefined> {
    for (let round = 0; round < CHANGES_MAX; round++) {
      const stored = await this.#redis.hget(`${this.#root}targets`, name).catch(storeError);
      if (stored === null) return undefined;
      const before = targetOf(stored);
      const after = decide(before);
      const reply = await this.#change(name, stored, after === undefined ? "" : JSON.stringify(after));
      if (reply === "ok") return { before, after };
    }
    throw new StoreUnavailableError("others changed the same target again and again meanwhile");
  }

  /** Ids of targets that were removed, and may have left something behind. */
  async removed(): Promise<readonly string[]> {
    return this.#redis.smembers(`${this.#root}removed`).catch(storeError);
  }

  /** Nothing is left of a removed target. */
  async forget(id: string): Promise<void> {
    await this.#redis.srem(`${this.#root}removed`, id).catch(storeError);
  }

  async #change(name: string, before: string, after: string): Promise<unknown> {
    const newId = randomBytes(12).toString("base64url");
    return this.#redis.changeTarget(this.#root, name, before, after, TARGETS_MAX, newId).catch(storeError);
  }
}

export function sealSecrets(cipher: ForwardCipher, id: string, secrets: TargetSecrets): string {
  return cipher.seal(Buffer.from(JSON.stringify(secrets)), id).toString("base64");
}

/** @returns `undefined`: no key of ours decrypts them */
export function openSecrets(
  cipher: ForwardCipher,
  { id, sealed }: Pick<StoredTarget, "id" | "sealed">,
): TargetSecrets | undefined {
  const plain = cipher.open(Buffer.from(sealed, "base64"), id);
  return plain === undefined ? undefined : targetSecrets.parse(JSON.parse(plain.toString()));
}

function targetOf(stored: string): StoredTarget {
  return storedTarget.parse(JSON.parse(stored));
}

function byName(a: StoredTarget, b: StoredTarget): number {
  return a.name < b.name ? -1 : 1;
}
