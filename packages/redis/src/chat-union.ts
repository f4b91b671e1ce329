import { CHAT_KINDS, type ChatKind, type ChatUnionReader, type InstanceId } from "@ticktally/core";
import { chatsReply } from "@ticktally/schemas";
import { LRUCache } from "lru-cache";
import type { RedisClient } from "./connection.ts";
import { HyperLogLog } from "./hyperloglog.ts";
import type { Keys } from "./keys.ts";
import { packedMembers } from "./packed-members.ts";
import { KIND_KEYS } from "./records/chat-codec.ts";
import { defineScripts } from "./scripts.ts";
import { storeError } from "./store-error.ts";

/** Instances read in one round trip; each has at most some 30 kB to tell. */
const READ_AT_ONCE = 50;

/** What is forgotten in Redis is gone from here, too, after so long. */
const KEPT_MS = 60_000;
const KEPT_BYTES_MAX = 32 * 1024 * 1024;
const KEPT_UNIONS_MAX = 200;
/** A string of seven characters, and the place that points to it. */
const BYTES_A_MEMBER = 40;
const BYTES_A_KIND = 100;

/** What one instance has, by kind: packed ids, or what Redis stores of a HyperLogLog. */
interface Chats {
  /** `undefined`: it may change unnoticed. */
  readonly version: string | undefined;
  readonly byKind: readonly (readonly string[] | Buffer)[];
}

type UniqueChats = Readonly<Record<ChatKind, number>>;

/**
 * Unites the chats of several instances, which in a cluster lie on several nodes: here, with one script call for each. What was
 * read is kept for a while, with its version, so that a dashboard that asks again and again costs no more than the asking.
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
    const reply = await this.#redis
      .readChatsBuffer(this.#keys.instance(instance), KIND_KEYS.join(""))
      .catch(storeError);
    const [seen, byKind] = chatsReply.parse(reply);
    const chats = byKind.map((stored) => (Buffer.isBuffer(stored) ? stored : packedMembers(stored[0])));
    return this.#keep(instance, { version: versionOfChats(seen, chats.map(sizeOf)), byKind: chats });
  }

  #keep(instance: InstanceId, chats: Chats): Chats {
    if (chats.version !== undefined) this.#read.set(instance, chats);
    return chats;
  }
}

/** No chats have no version in Redis. */
const NO_CHATS = "none";

/** @param stored the version as a script tells it @param sizes of the sets of chats @returns `undefined`: they may change unnoticed */
export function versionOfChats(stored: string | null, sizes: readonly number[]): string | undefined {
  return stored ?? (sizes.every((size) => size === 0) ? NO_CHATS : undefined);
}

function sizeOf({ length }: readonly string[] | Buffer): number {
  return length;
}

/** @returns `undefined` where one may change unnoticed */
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

/** Exact until something comes in that is not. */
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
