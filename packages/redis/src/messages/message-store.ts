import {
  isActionCode,
  messageOf,
  type ChatEraser,
  type CountSource,
  type CountsReader,
  type Direction,
  type ForgottenChat,
  type InstanceEraser,
  type InstanceEvents,
  type InstanceId,
  type InstanceSettings,
  type InstanceSummary,
  type InstanceTotals,
  type MessageLister,
  type MessagePage,
  type MessageQuery,
  type MessageReader,
  type MessageRecord,
  type MessageStore,
  type Outcome,
  type InstanceSettingsChange,
  type SettingsStore,
  type TakeCount,
} from "@ticktally/core";
import { RedisChatEraser } from "../chats/chat-eraser.ts";
import { BatchCommitter } from "../commit/batch-committer.ts";
import { InstanceBases } from "../commit/instance-basis.ts";
import { RecordMemory } from "../commit/record-memory.ts";
import { RecordReader } from "../commit/record-reader.ts";
import type { RedisClient } from "../connection/connection.ts";
import { Eraser } from "../instances/eraser.ts";
import { InstanceCounts } from "../counters/instance-counts.ts";
import { changedFields, SETTING_FIELDS, settingsOf } from "../instances/instance-settings.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { MessageList } from "./message-list.ts";
import { messagesOfId } from "./messages-of-id.ts";
import { RedisLabels } from "../labels/redis-labels.ts";
import { recount } from "../records/recount.ts";
import { WantedInstances } from "../outbox/wanted-instances.ts";
import { recordOf } from "../records/stored-record.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";

export interface RedisMessageStoreOptions {
  readonly keys: Keys;
  /** Records live at least so long after their last event, and at most half as long again. */
  readonly retentionDays: number;
  /**
   * Asked before anything is stored of an instance whose epoch this store has not stored anything in: which of them may be counted? So
   * nothing is stored of one that was deleted meanwhile. Default: all of them.
   */
  readonly admit?: (instances: readonly InstanceId[]) => Promise<ReadonlySet<InstanceId>>;
  /** A counter would have gone below 0 and stays at 0, or Redis refused a part of a commit. */
  readonly onDamage?: (instance: InstanceId) => void;
}

const FAILURES_SHOWN = 50;

/** Messages and counts in Redis: packed records in bucketed hashes, moved together with every roll-up by one script. */
export class RedisMessageStore
  implements MessageStore, MessageReader, MessageLister, CountsReader, SettingsStore, InstanceEraser, ChatEraser
{
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #committer: BatchCommitter;
  readonly #reader: RecordReader;
  readonly #eraser: Eraser;
  readonly #chatEraser: RedisChatEraser;
  readonly #counts: InstanceCounts;
  readonly #list: MessageList;
  readonly labels: RedisLabels;

  constructor(
    redis: RedisClient,
    { keys, retentionDays, admit, onDamage = () => undefined }: RedisMessageStoreOptions,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    const bases = new InstanceBases(redis, keys);
    const memory = new RecordMemory();
    this.#reader = new RecordReader({ redis, keys, bases, memory });
    const reader = this.#reader;
    const wanted = new WantedInstances(redis, keys);
    this.#committer = new BatchCommitter({
      redis,
      keys,
      bases,
      memory,
      wanted,
      reader,
      retentionDays,
      admit,
      onDamage,
    });
    this.#eraser = new Eraser(redis, keys);
    this.#list = new MessageList(redis, keys, reader);
    this.#counts = new InstanceCounts(redis, keys);
    this.#chatEraser = new RedisChatEraser(redis, keys, this.#committer);
    this.labels = new RedisLabels({ redis, keys, bases, reader, committer: this.#committer, retentionDays, admit });
    defineScripts(redis);
  }

  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    return this.#committer.apply(batches);
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

  async recentFailures(instance: InstanceId): Promise<readonly MessageRecord[]> {
    const root = this.#keys.instance(instance);
    const epoch = await this.#epochOf(root);
    const fields = await this.#redis.zrevrangeBuffer(root + epoch + INSTANCE_KEYS.FAILED, 0, -1).catch(storeError);
    const records: MessageRecord[] = [];
    // What would make one reply too large is asked for again.
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

  async list(instance: InstanceId, query: MessageQuery): Promise<MessagePage> {
    return this.#list.page(instance, query);
  }

  async forget(instance: InstanceId): Promise<void> {
    await this.#eraser.forget(instance);
  }

  async forgetUnchanged(instance: InstanceId, mark: string): Promise<string> {
    return this.#eraser.forgetUnchanged(instance, mark);
  }

  async forgetChat(instance: InstanceId, chatId: string): Promise<ForgottenChat> {
    return this.#chatEraser.forgetChat(instance, chatId);
  }

  async erase(): Promise<number> {
    return this.#eraser.erase();
  }

  async pastVersions(instances: readonly InstanceId[], beforeHour: number): Promise<readonly string[]> {
    return Promise.all(instances.map(async (instance) => this.#counts.pastVersion(instance, beforeHour)));
  }

  /** Count by today's rule what an older one counted. @returns how many messages that were */
  async recount(instance: InstanceId): Promise<number> {
    return recount({ redis: this.#redis, keys: this.#keys, committer: this.#committer }, instance);
  }

  async summaries(instances: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]> {
    return Promise.all(instances.map(async (instance) => this.#counts.summary(instance, now)));
  }

  async totals(instances: readonly InstanceId[]): Promise<readonly InstanceTotals[]> {
    return Promise.all(instances.map(async (instance) => this.#counts.totals(instance)));
  }

  async eachCount(instance: InstanceId, source: CountSource, from: number, to: number, take: TakeCount): Promise<void> {
    await this.#counts.eachCount(instance, source, from, to, take);
  }

  async settings(instances: readonly InstanceId[]): Promise<readonly InstanceSettings[]> {
    return Promise.all(
      instances.map(async (instance) => {
        const key = this.#keys.instance(instance) + INSTANCE_KEYS.META;
        return settingsOf(await this.#redis.hmgetBuffer(key, ...SETTING_FIELDS).catch(storeError));
      }),
    );
  }

  async changeSettings(instance: InstanceId, change: InstanceSettingsChange): Promise<void> {
    const { stored, deleted } = changedFields(change);
    const key = this.#keys.instance(instance) + INSTANCE_KEYS.META;
    if (deleted.length > 0) await this.#redis.hdel(key, ...deleted).catch(storeError);
    if (Object.keys(stored).length === 0) return;
    await this.#redis.hset(key, stored).catch(storeError);
    // An instance without data may be about to expire: see `eraser.ts`.
    await this.#redis.persist(key).catch(storeError);
  }

  /** What the keys of the instance's present epoch begin with. */
  async #epochOf(root: string): Promise<string> {
    const epoch = await this.#redis.hgetBuffer(root + INSTANCE_KEYS.META, "epoch").catch(storeError);
    return epoch?.toString("latin1").slice(8) ?? "";
  }
}

function failedAt({ message }: { readonly message: ReturnType<typeof messageOf> }): number {
  return message.failure?.at ?? 0;
}
