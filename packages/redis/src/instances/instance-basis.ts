import { randomBytes } from "node:crypto";
import type { InstanceId, InstanceSettings } from "@ticktally/core";
import { LRUCache } from "lru-cache";
import type { RedisClient } from "../connection/connection.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { KeyedHash } from "../records/keyed-hash.ts";
import { storeError } from "../connection/store-error.ts";

/** What decisions on an instance depend on besides its records; see basisOf in `lua/periods.lua`. */
export class InstanceBasis {
  /** As the scripts compare it, one byte a character. */
  readonly text: string;
  readonly hash: KeyedHash;
  readonly hashOf: (text: string) => number;
  /** Value for the field `epoch` of META, if the instance has none yet. */
  readonly newEpoch: string | undefined;
  readonly settings: Pick<InstanceSettings, "ignoreGroupMessages">;
  /** Whether the instance was admitted after this was read. */
  isAdmitted = false;

  constructor(text: string, newKey: string | undefined) {
    this.text = text;
    this.newEpoch = text.length < HASH_KEY_BYTES ? (newKey ?? newHashKey()) : undefined;
    this.hash = new KeyedHash(Buffer.from((this.newEpoch ?? text).slice(0, HASH_KEY_BYTES), "latin1"));
    this.hashOf = (of) => this.hash.of(Buffer.from(of));
    // Search after the key, whose bytes are arbitrary.
    const rest = this.newEpoch === undefined ? text.slice(HASH_KEY_BYTES) : text;
    this.settings = { ignoreGroupMessages: rest.endsWith("1") };
  }

  /** Each epoch has a random key of its own. */
  isOfEpoch({ text }: InstanceBasis): boolean {
    return this.text.slice(0, HASH_KEY_BYTES) === text.slice(0, HASH_KEY_BYTES);
  }

  /** The same once `newEpoch` is stored. */
  stored(): InstanceBasis {
    if (this.newEpoch === undefined) return this;
    const stored = new InstanceBasis(this.newEpoch + this.text, undefined);
    stored.isAdmitted = this.isAdmitted;
    return stored;
  }
}

export const HASH_KEY_BYTES = 8;

export function newHashKey(): string {
  return randomBytes(HASH_KEY_BYTES).toString("latin1");
}

const KEPT_MAX = 100_000;

/** The bases of instances that were read. They may be outdated: the scripts compare them and return the current ones. */
export class InstanceBases {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #known = new LRUCache<InstanceId, InstanceBasis>({ max: KEPT_MAX });
  readonly #inDoubt = new Set<InstanceId>();

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Read unknown ones, and again those without an epoch, because another writer may have created it. @throws {StoreUnavailableError} */
  async learn(of: readonly { readonly instance: InstanceId }[]): Promise<void> {
    const unknown: InstanceId[] = [];
    for (const { instance } of of)
      if (this.#inDoubt.has(instance) || this.of(instance).newEpoch !== undefined) unknown.push(instance);
    if (unknown.length > 0) await Promise.all(unknown.map(async (instance) => this.#read(instance)));
  }

  /** The known basis; for an instance that was not read, the basis of one without data. */
  of(instance: InstanceId): InstanceBasis {
    return this.#known.get(instance) ?? new InstanceBasis("", undefined);
  }

  /** Set the basis that a script returned, or that will hold after a call in progress. */
  set(instance: InstanceId, basis: InstanceBasis): void {
    // If the epoch is the same, the instance was not deleted since it was admitted.
    const known = this.#known.get(instance);
    if (known?.isAdmitted === true && basis.newEpoch === undefined && basis.isOfEpoch(known)) basis.isAdmitted = true;
    this.#inDoubt.delete(instance);
    this.#known.set(instance, basis);
  }

  /** Read it again: it seems to have changed. */
  forget(instance: InstanceId): void {
    this.#inDoubt.add(instance);
  }

  async #read(instance: InstanceId): Promise<void> {
    const [epoch, ignoreGroups] = await this.#redis
      .hmgetBuffer(this.#keys.instance(instance) + INSTANCE_KEYS.META, "epoch", "ignoreGroups")
      .catch(storeError);
    const text = (epoch?.toString("latin1") ?? "") + (ignoreGroups?.toString("latin1") ?? "");
    this.set(instance, new InstanceBasis(text, undefined));
  }
}
