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
import { fieldsAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { BatchCommitter } from "./commit/batch-committer.ts";
import type { RedisClient } from "./connection.ts";
import { unpackPeriods, type RetentionPeriod } from "./instance-epoch.ts";
import { inEpoch, readKeys, type KeyCommand } from "./key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "./keys.ts";
import { packChatId } from "./records/chat-codec.ts";
import { hasExtra } from "./records/record-codec.ts";

/** Some 1,000 records: Redis does nothing else for a few milliseconds. */
const BUCKETS_A_CALL = 30;
/** A record may move while others are looked at; it is found the next time. */
const PASSES_MAX = 10;
/** More than any chat has. */
const MESSAGES_MAX = 2 ** 52;
/** Shorter numbers would be found in many texts. */
const USER_LENGTH_MIN = 5;

/** Takes a chat's id out of all that is kept of an instance: looks through its records, and commits those that mention it without it. */
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
    // Messages that are not kept any more may have left it among the unique chats.
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
    // Without the byte that tells the kind, which may have been stated as any.
    const packed = packChatId(chatId, CHAT_KIND_INDIVIDUAL).subarray(1);
    const sum = { messages: 0, recipients: 0, changed: 0 };
    for await (const records of this.#records(this.#keys.instance(instance))) {
      // The chat's own, and those that may have it among their recipients or in the text of a failure.
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

  /** All of an instance, without what there is more of them: fields and values, some buckets at a time. */
  async *#records(root: string): AsyncGenerator<readonly (readonly [field: Buffer, value: Buffer])[]> {
    const { META, MESSAGES } = INSTANCE_KEYS;
    const periods: KeyCommand = ["HMGET", root + META, "periods"];
    const [meta] = await readKeys(this.#redis, root, [periods]);
    for (const { number } of periodsIn(meta)) {
      // Buckets are split meanwhile: part of one moves to a new one, which comes after all others.
      let buckets = 1;
      for (let first = 0; first < buckets; first += BUCKETS_A_CALL) {
        const some = Array.from({ length: BUCKETS_A_CALL }, (_, i) => first + i);
        const [now, ...answers] = await readKeys(this.#redis, root, [
          periods,
          ...some.map((bucket): KeyCommand => ["HGETALL", inEpoch(`${MESSAGES + String(number)}:${String(bucket)}`)]),
        ]);
        buckets = periodsIn(now).find((period) => period.number === number)?.buckets ?? 0;
        yield answers.flatMap((answer) => pairsOf(valuesAnswer.parse(answer)));
      }
    }
  }
}

function periodsIn(answer: PackedAnswer | undefined): readonly RetentionPeriod[] {
  const [packed] = fieldsAnswer.parse(answer);
  return packed === undefined ? [] : unpackPeriods(packed);
}

function pairsOf(flat: readonly Buffer[]): readonly (readonly [Buffer, Buffer])[] {
  return flat.flatMap((field, i) => {
    const value = flat[i + 1];
    return i % 2 === 0 && value !== undefined ? [[field, value] as const] : [];
  });
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
