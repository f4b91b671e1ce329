import type { ChatKind, ChatUnionReader, InstanceId } from "@ticktally/core";
import { chatsReply } from "@ticktally/schemas";
import { CHAT_FIRST_BYTES, kindOfFirstByte } from "./chat-codec.ts";
import type { RedisClient } from "./connection.ts";
import { HyperLogLog } from "./hyperloglog.ts";
import type { Keys } from "./keys.ts";
import { defineScripts } from "./scripts.ts";
import { storeError } from "./store-error.ts";

/** Instances read in one round trip; each has at most some 30 kB to tell. */
const READ_AT_ONCE = 50;

/** Unites the chats of several instances, which in a cluster lie on several nodes: here, with one script call for each. */
export class RedisChatUnion implements ChatUnionReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineScripts(redis);
  }

  async uniqueChats(instances: readonly InstanceId[]): Promise<Readonly<Record<ChatKind, number>>> {
    const unions = CHAT_FIRST_BYTES.map((byte) => ({ kind: kindOfFirstByte(byte), union: new Union() }));
    for (let from = 0; from < instances.length; from += READ_AT_ONCE) {
      const some = instances.slice(from, from + READ_AT_ONCE);
      const replies = await Promise.all(some.map(async (instance) => this.#chats(instance)));
      for (const chats of replies) unions.forEach(({ union }, i) => union.add(chats[i] ?? []));
    }
    const byKind: Record<ChatKind, number> = { individual: 0, group: 0, channel: 0, status: 0 };
    for (const { kind, union } of unions) if (kind !== "unknown") byKind[kind] += union.count();
    return byKind;
  }

  /** By first byte: packed ids, or what Redis stores of a HyperLogLog. */
  async #chats(instance: InstanceId): Promise<readonly (readonly Buffer[] | Buffer)[]> {
    const reply = await this.#redis
      .readChatsBuffer(this.#keys.instance(instance), CHAT_FIRST_BYTES.join(""))
      .catch(storeError);
    return chatsReply.parse(reply);
  }
}

/** Exact until something comes in that is not. */
class Union {
  readonly #members = new Set<string>();
  #sketch: HyperLogLog | undefined;

  add(chats: readonly Buffer[] | Buffer): void {
    if (Buffer.isBuffer(chats)) {
      this.#sketch ??= new HyperLogLog();
      this.#sketch.merge(chats);
    } else for (const chat of chats) this.#members.add(chat.toString("latin1"));
  }

  count(): number {
    if (this.#sketch === undefined) return this.#members.size;
    for (const member of this.#members) this.#sketch.add(Buffer.from(member, "latin1"));
    return this.#sketch.count();
  }
}
