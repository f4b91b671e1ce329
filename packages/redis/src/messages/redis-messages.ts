import {
  isActionCode,
  messageOf,
  type Direction,
  type InstanceId,
  type Message,
  type MessageLister,
  type MessagePage,
  type MessageQuery,
  type MessageReader,
  type MessageRecord,
} from "@ticktally/core";
import type { RecordReader } from "../commit/record-reader.ts";
import type { RedisClient } from "../connection/connection.ts";
import { storeError } from "../connection/store-error.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { recordOf } from "../records/stored-record.ts";
import { MessageList } from "./message-list.ts";
import { messagesOfId } from "./messages-of-id.ts";

const FAILURES_SHOWN = 50;

/** Reads messages: one by its id, pages of them, and the most recent failures. */
export class RedisMessages implements MessageReader, MessageLister {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #reader: RecordReader;
  readonly #list: MessageList;

  constructor(redis: RedisClient, keys: Keys, reader: RecordReader) {
    this.#redis = redis;
    this.#keys = keys;
    this.#reader = reader;
    this.#list = new MessageList(redis, keys, reader);
  }

  async message(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<MessageRecord | undefined> {
    const [first] = await this.messagesOf(instance, idMessage, direction, chatId);
    return first;
  }

  async messagesOf(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<readonly MessageRecord[]> {
    return messagesOfId(this.#reader, instance, { idMessage, direction, chatId });
  }

  async list(instance: InstanceId, query: MessageQuery): Promise<MessagePage> {
    return this.#list.page(instance, query);
  }

  async recentFailures(instance: InstanceId): Promise<readonly MessageRecord[]> {
    const root = this.#keys.instance(instance);
    const epoch = await this.#epochOf(root);
    const fields = await this.#redis.zrevrangeBuffer(root + epoch + INSTANCE_KEYS.FAILED, 0, -1).catch(storeError);
    const records: MessageRecord[] = [];
    // Records that would make the reply too large are requested again.
    for (let left = fields; left.length > 0;) {
      const found = await this.#reader.stored(instance, () => left);
      for (const { field, stored } of found)
        if (stored !== undefined && stored.value.length > 0) records.push(recordOf(field, stored));
      left = found.filter(({ stored }) => stored === undefined).map(({ field }) => field);
    }
    return records
      .filter((record) => !isActionCode(record.type))
      .map((record) => ({ record, message: messageOf(record) }))
      .filter(({ message }) => message.hasFailed)
      .sort((a, b) => failedAt(b) - failedAt(a) || (a.message.idMessage < b.message.idMessage ? -1 : 1))
      .slice(0, FAILURES_SHOWN)
      .map(({ record }) => record);
  }

  /** The prefix of the instance's keys in its present epoch. */
  async #epochOf(root: string): Promise<string> {
    const epoch = await this.#redis.hgetBuffer(root + INSTANCE_KEYS.META, "epoch").catch(storeError);
    return epoch?.toString("latin1").slice(8) ?? "";
  }
}

function failedAt({ message }: { readonly message: Message }): number {
  return message.failure?.at ?? 0;
}
