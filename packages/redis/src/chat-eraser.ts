import { chatIdParts, forgottenChatId, type ChatEraser, type ForgottenChat, type InstanceId } from "@ticktally/core";
import { forgetChatReply } from "@ticktally/schemas";
import { packChatId } from "./chat-codec.ts";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { storeError } from "./store-error.ts";

/** Some 4,000 records: Redis does nothing else for a few milliseconds. */
const BUCKETS_A_CALL = 100;
const OLDEST = 2;

/** Takes a chat's id out of all that is kept of an instance, bucket by bucket (`lua/forget-chat.lua`). */
export class RedisChatEraser implements ChatEraser {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #generationMs: number;

  constructor(redis: RedisClient, keys: Keys, generationMs: number) {
    this.#redis = redis;
    this.#keys = keys;
    this.#generationMs = generationMs;
  }

  async forgetChat(instance: InstanceId, chatId: string, now: number): Promise<ForgottenChat> {
    const chat = [packChatId(chatId), packChatId(forgottenChatId(chatId)), chatIdParts(chatId).user] as const;
    const sum = { messages: 0, recipients: 0 };
    let [age, bucket, generation] = [OLDEST, 0, -1];
    while (age >= 0) {
      const args = [this.#keys.instance(instance), now, this.#generationMs, ...chat, age, bucket, BUCKETS_A_CALL];
      const reply = await this.#redis.forgetChat(...args).catch(storeError);
      const [messages, recipients, next, current] = forgetChatReply.parse(reply);
      sum.messages += messages;
      sum.recipients += recipients;
      // Another generation began: what was not looked at yet is one older now.
      if (generation !== -1 && generation !== current) [age, bucket] = [OLDEST, 0];
      else if (next === -1) [age, bucket] = [age - 1, 0];
      else bucket = next;
      generation = current;
    }
    return sum;
  }
}
