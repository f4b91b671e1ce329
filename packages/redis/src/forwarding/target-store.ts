import { randomBytes } from "node:crypto";
import {
  storedTarget,
  targetSecrets,
  textAnswer,
  valuesAnswer,
  type PackedAnswer,
  type StoredTarget,
  type TargetSecrets,
} from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";
import type { ForwardCipher } from "./forward-cipher.ts";
import { LaneKeys } from "./lane-keys.ts";

/** All targets at one moment. */
export interface Targets {
  readonly version: string;
  /** The mark that our own requests carry, to recognise one that comes back; "" until the first target is created. */
  readonly ownId: string;
  readonly targets: readonly StoredTarget[];
  /** Redis's clock when they were read, Unix ms. */
  readonly redisMs: number;
}

/** This many hosts can use all their connections of a forwarder at once, see `host-places.ts`. */
const TARGETS_MAX = 100;

/** The targets that webhooks are forwarded to. */
export class RedisTargets {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = new LaneKeys(keys.forwarding);
    defineScripts(redis);
  }

  async read(): Promise<Targets> {
    const { root, version, ownId, targets } = this.#keys;
    const reads: readonly KeyCommand[] = [["TIME"], ["GET", version], ["GET", ownId], ["HGETALL", targets]];
    const [time, found, own, fields] = await readKeys(this.#redis, root, reads);
    const stored = valuesAnswer.parse(fields).filter((_, place) => place % 2 === 1);
    return {
      version: textAnswer.parse(found) ?? "0",
      ownId: textAnswer.parse(own) ?? "",
      redisMs: msOf(time),
      targets: stored.map((text) => targetOf(String(text))).sort(byName),
    };
  }

  /** {@link read} without the targets, which may be megabytes. */
  async readVersion(): Promise<Pick<Targets, "version" | "redisMs">> {
    const reads: readonly KeyCommand[] = [["TIME"], ["GET", this.#keys.version]];
    const [time, version] = await readKeys(this.#redis, this.#keys.root, reads);
    return { version: textAnswer.parse(version) ?? "0", redisMs: msOf(time) };
  }

  /** One small command, because it runs with every batch. */
  async version(): Promise<string> {
    return (await this.#redis.get(this.#keys.version).catch(storeError)) ?? "0";
  }

  /** @returns `taken` if the name exists; `full` if there are {@link TARGETS_MAX} */
  async add(target: StoredTarget): Promise<"added" | "taken" | "full"> {
    const { root, version, ownId, targets } = this.#keys;
    const reads: readonly KeyCommand[] = [
      ["HEXISTS", targets, target.name],
      ["HLEN", targets],
      ["GET", ownId],
    ];
    return changeKeys(this.#redis, root, reads, ([taken, count, own]) => {
      if (taken === 1) return { commands: [], outcome: "taken" };
      if (Number(count) >= TARGETS_MAX) return { commands: [], outcome: "full" };
      const newId = randomBytes(12).toString("base64url");
      const first: readonly KeyCommand[] = own === false ? [["SET", ownId, newId]] : [];
      return {
        commands: [...first, ["HSET", targets, target.name, JSON.stringify(target)], ["INCR", version]],
        outcome: "added",
      };
    });
  }

  /** @param decide returns the new target, or `undefined` to remove it @returns the target as it was; `undefined` if there is none */
  async change(
    name: string,
    decide: (target: StoredTarget) => StoredTarget | undefined,
  ): Promise<{ readonly before: StoredTarget; readonly after: StoredTarget | undefined } | undefined> {
    const { root, version, targets, removed } = this.#keys;
    return changeKeys(this.#redis, root, [["HGET", targets, name]], ([stored]) => {
      const text = textAnswer.parse(stored);
      if (text === undefined) return { commands: [], outcome: undefined };
      const before = targetOf(text);
      const after = decide(before);
      const written: readonly KeyCommand[] =
        after === undefined
          ? [
              ["HDEL", targets, name],
              ["SADD", removed, before.id],
            ]
          : [["HSET", targets, name, JSON.stringify(after)]];
      return { commands: [...written, ["INCR", version]], outcome: { before, after } };
    });
  }

  /** Ids of removed targets that may have left data behind. */
  async removed(): Promise<readonly string[]> {
    return this.#redis.smembers(this.#keys.removed).catch(storeError);
  }

  /** Note that all data of a removed target are deleted. */
  async forget(id: string): Promise<void> {
    await this.#redis.srem(this.#keys.removed, id).catch(storeError);
  }
}

export function sealSecrets(cipher: ForwardCipher, id: string, secrets: TargetSecrets): string {
  return cipher.seal(Buffer.from(JSON.stringify(secrets)), id).toString("base64");
}

/** @returns `undefined` if none of our keys decrypts them */
export function openSecrets(
  cipher: ForwardCipher,
  { id, sealed }: Pick<StoredTarget, "id" | "sealed">,
): TargetSecrets | undefined {
  const plain = cipher.open(Buffer.from(sealed, "base64"), id);
  return plain === undefined ? undefined : targetSecrets.parse(JSON.parse(plain.toString()));
}

/** @param time the answer of TIME: seconds and microseconds */
function msOf(time: PackedAnswer | undefined): number {
  const [seconds = 0, micros = 0] = valuesAnswer.parse(time).map(Number);
  return 1000 * seconds + Math.floor(micros / 1000);
}

function targetOf(stored: string): StoredTarget {
  return storedTarget.parse(JSON.parse(stored));
}

function byName(a: StoredTarget, b: StoredTarget): number {
  return a.name < b.name ? -1 : 1;
}
