import {
  CHAT_KIND_INDIVIDUAL,
  CHAT_KINDS,
  chatIdParts,
  forgottenChatId,
  forgetRecipient,
  type ForgottenChat,
  type InstanceId,
  type MessageRecord,
} from "@ticktally/core";
import type { BatchCommitter } from "../commit/batch-committer.ts";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { packChatId } from "../records/chat-codec.ts";
import { hasExtra } from "../records/record-codec.ts";
import { recordsUnder } from "../instances/stored-records.ts";

/** An event that comes meanwhile may mention the chat again; the next pass finds it. */
const PASSES_MAX = 10;
/** More than any chat has. */
const MESSAGES_MAX = 2 ** 52;
/** Shorter numbers would match in many texts. */
const USER_LENGTH_MIN = 5;

/** Removes a chat's id from everything an instance keeps: it searches the records, and commits those that mention the id without it. */
export class RedisChatEraser {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #committer: Pick<BatchCommitter, "change">;

  constructor(redis: RedisClient, keys: Keys, committer: Pick<BatchCommitter, "change">) {
    this.#redis = redis;
    this.#keys = keys;
    this.#committer = committer;
  }

  /** See `ChatEraser`. */
  async forgetChat(instance: InstanceId, chatId: string): Promise<ForgottenChat> {
    const sum = { messages: 0, recipients: 0 };
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      const found = await this.#pass(instance, chatId);
      sum.messages += found.messages;
      sum.recipients += found.recipients;
      if (found.changed === 0) break;
    }
    // Messages that are no longer kept may have left it among the unique chats.
    await this.#committer.change(
      instance,
      [],
      () => undefined,
      (changes) => {
        CHAT_KINDS.forEach((_, kind) => {
          changes.addChat(chatId, kind, -MESSAGES_MAX);
        });
      },
    );
    return sum;
  }

  async #pass(instance: InstanceId, chatId: string) {
    const { user } = chatIdParts(chatId);
    // Without the byte for the kind, because any kind may have been stated.
    const packed = packChatId(chatId, CHAT_KIND_INDIVIDUAL).subarray(1);
    const sum = { messages: 0, recipients: 0, changed: 0 };
    for await (const records of recordsUnder(this.#redis, this.#keys.instance(instance))) {
      // The chat's own messages, and those that may name it as a recipient or in the text of a failure.
      const fields = records
        .filter(([, value]) => hasExtra(value) || value.subarray(-packed.length).equals(packed))
        .map(([field]) => field);
      if (fields.length === 0) continue;
      const changed = await this.#committer.change(instance, fields, (record) => forgetIn(record, chatId, user));
      for (const { messages, recipients } of changed) {
        sum.messages += messages;
        sum.recipients += recipients;
        sum.changed += 1;
      }
    }
    return sum;
  }
}

/** @returns `undefined` if the record does not mention the chat */
function forgetIn(record: MessageRecord, chatId: string, user: string) {
  const isRecipient = forgetRecipient(record, chatId);
  const isIts = record.chatId === chatId;
  if (isIts) record.chatId = forgottenChatId(chatId, record.chatKind);
  const naming =
    user.length < USER_LENGTH_MIN ? [] : [...record.failures.keys()].filter((place) => names(record, place, user));
  for (const place of naming) {
    const failure = record.failures[place];
    if (failure !== undefined) record.failures[place] = { ...failure, text: "", code: "" };
  }
  if (!isIts && !isRecipient && naming.length === 0) return undefined;
  return { messages: isIts ? 1 : 0, recipients: isRecipient ? 1 : 0 };
}

function names({ failures }: MessageRecord, place: number, user: string): boolean {
  const { text = "", code = "" } = failures[place] ?? {};
  return text.includes(user) || code.includes(user);
}
