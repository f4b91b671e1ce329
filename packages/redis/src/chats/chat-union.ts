import { CHAT_KINDS, type ChatKind, type ChatUnionReader, type InstanceId } from "@ticktally/core";
import { fieldsAnswer, valueAnswer, valuesAnswer } from "@ticktally/schemas";
import { LRUCache } from "lru-cache";
import { HASH_KEY_BYTES } from "../instances/instance-basis.ts";
import type { RedisClient } from "../connection/connection.ts";
import { HyperLogLog } from "./hyperloglog.ts";
import { inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { KIND_KEYS } from "../records/chat-codec.ts";
import { defineScripts } from "../scripts.ts";

/** Instances read in one round trip; each answers with at most about 30 kB. */
const READ_AT_ONCE = 50;

/** A chat that was forgotten in Redis is gone from here after this time at the latest. */
const KEPT_MS = 60_000;
const KEPT_BYTES_MAX = 32 * 1024 * 1024;
const KEPT_UNIONS_MAX = 200;
/** A string of seven characters, and the pointer to it. */
const BYTES_A_MEMBER = 40;
const BYTES_A_KIND = 100;

/** The chats of one instance, by kind: packed ids, or Redis's stored HyperLogLog. */
interface Chats {
  /** `undefined`: it may change without a new version. */
  readonly version: string | undefined;
  readonly byKind: readonly (readonly string[] | Buffer)[];
}

type UniqueChats = Readonly<Record<ChatKind, number>>;

/**
 * Unites the chats of several instances in this process, because in a cluster they are on several nodes, with one script call each. What
 * was read is cached with its version, so a dashboard that asks repeatedly costs little.
 */
export class RedisChatUnion implements ChatUnionReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #read = new LRUCache<InstanceId, Chats>({
    maxSize: KEPT_BYTES_MAX,
    sizeCalculation: bytesOf,
    ttl: KEPT_MS,
    ttlAutopurge: true,
  });
  /** By instances and versions. */
  readonly #unions = new LRUCache<string, UniqueChats>({ max: KEPT_UNIONS_MAX });

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineScripts(redis);
  }

  async uniqueChats(
    instances: readonly InstanceId[],
    versions: readonly (string | undefined)[] = [],
  ): Promise<UniqueChats> {
    const known = this.#unions.get(nameOf(instances, versions) ?? "");
    if (known !== undefined) return known;
    const chats: Chats[] = [];
    for (let from = 0; from < instances.length; from += READ_AT_ONCE) {
      const some = instances.slice(from, from + READ_AT_ONCE);
      chats.push(...(await Promise.all(some.map(async (id, i) => this.#chats(id, versions[from + i])))));
    }
    const united = unite(chats);
    const seen = chats.map(({ version }) => version);
    const name = nameOf(instances, seen);
    if (name !== undefined) this.#unions.set(name, united);
    return united;
  }

  async #chats(instance: InstanceId, version: string | undefined): Promise<Chats> {
    if (version === NO_CHATS) return { version, byKind: [] };
    const kept = this.#read.get(instance);
    if (kept !== undefined && kept.version === version) return kept;
    const root = this.#keys.instance(instance);
    const [meta, ...answers] = await readKeys(this.#redis, root, [
      ["HMGET", root + INSTANCE_KEYS.META, "approximate", "epoch", "chatsVersion"],
      ...KIND_KEYS.flatMap((kind): KeyCommand[] => [
        ["HKEYS", inEpoch(INSTANCE_KEYS.CHATS + kind)],
        ["GET", inEpoch(`${INSTANCE_KEYS.CHATS + kind}~`)],
      ]),
    ]);
    const [approximate, epoch, stored] = fieldsAnswer.parse(meta);
    const byKind = KIND_KEYS.map((kind, i) =>
      approximate?.includes(kind) === true
        ? (valueAnswer.parse(answers[2 * i + 1]) ?? NOTHING)
        : valuesAnswer.parse(answers[2 * i]).map((member) => member.toString("latin1")),
    );
    return this.#keep(instance, { version: versionOfChats(epoch, stored, byKind.map(sizeOf)), byKind });
  }

  #keep(instance: InstanceId, chats: Chats): Chats {
    if (chats.version !== undefined) this.#read.set(instance, chats);
    return chats;
  }
}

/** An instance without chats has no version in Redis. */
const NO_CHATS = "none";

/**
 * @param epoch and stored: `epoch` and `chatsVersion` of META
 * @param sizes of the sets of chats
 * @returns `undefined` if they may change without a new version
 */
export function versionOfChats(
  epoch: Buffer | undefined,
  stored: Buffer | undefined,
  sizes: readonly number[],
): string | undefined {
  if (stored !== undefined) return (epoch?.toString("latin1", HASH_KEY_BYTES) ?? "") + String(stored);
  return sizes.every((size) => size === 0) ? NO_CHATS : undefined;
}

const NOTHING = Buffer.alloc(0);

function sizeOf({ length }: readonly string[] | Buffer): number {
  return length;
}

/** @returns `undefined` if one may change without a new version */
function nameOf(instances: readonly InstanceId[], versions: readonly (string | undefined)[]): string | undefined {
  const names: string[] = [];
  for (const [i, instance] of instances.entries()) {
    const version = versions[i];
    if (version === undefined) return undefined;
    names.push(`${instance}=${version}`);
  }
  return names.join(",");
}

function bytesOf({ byKind }: Chats): number {
  const bytes = (stored: readonly string[] | Buffer) =>
    BYTES_A_KIND + stored.length * (Buffer.isBuffer(stored) ? 1 : BYTES_A_MEMBER);
  return byKind.reduce((sum, stored) => sum + bytes(stored), 0);
}

function unite(chats: readonly Chats[]): UniqueChats {
  const counts = CHAT_KINDS.map((kind, i) => {
    const union = new Union();
    for (const { byKind } of chats) union.add(byKind[i] ?? []);
    return [kind, union.count()] as const;
  });
  return Object.fromEntries(counts) as Record<ChatKind, number>;
}

/** Exact until a HyperLogLog is merged in. */
class Union {
  readonly #members = new Set<string>();
  #sketch: HyperLogLog | undefined;

  add(chats: readonly string[] | Buffer): void {
    if (Buffer.isBuffer(chats)) {
      this.#sketch ??= new HyperLogLog();
      this.#sketch.merge(chats);
    } else for (const chat of chats) this.#members.add(chat);
  }

  count(): number {
    if (this.#sketch === undefined) return this.#members.size;
    for (const member of this.#members) this.#sketch.add(Buffer.from(member, "latin1"));
    return this.#sketch.count();
  }
}
