import {
  hourOf,
  isActionCode,
  messageOf,
  MESSAGES_SLOTS,
  SLOTS_MAX,
  type ChatEraser,
  type ChatKind,
  type Counts,
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
} from "@ticktally/core";
import { CHAT_KINDS } from "@ticktally/core";
import { hoursReply, instanceRootReply, listReply, summaryReply } from "@ticktally/schemas";
import { RedisChatEraser } from "./chat-eraser.ts";
import { versionOfChats } from "./chat-union.ts";
import { BatchCommitter } from "./commit/batch-committer.ts";
import { InstanceBases } from "./commit/instance-basis.ts";
import { unreadable } from "./commit/instance-work.ts";
import { RecordMemory } from "./commit/record-memory.ts";
import { RecordReader } from "./commit/record-reader.ts";
import type { RedisClient } from "./connection.ts";
import { Eraser } from "./eraser.ts";
import { instanceTimes } from "./instance-epoch.ts";
import { changedFields, failureRatioOf, SETTING_FIELDS, settingsOf } from "./instance-settings.ts";
import { HOURS_A_KEY, INSTANCE_KEYS, type Keys } from "./keys.ts";
import { listMessages, type ListArguments } from "./message-list.ts";
import { KIND_KEYS } from "./records/chat-codec.ts";
import { decodeCounts, decodeHours } from "./records/counter-codec.ts";
import { sumPending, type PendingSums } from "./records/pending-codec.ts";
import { recordField } from "./records/record-field.ts";
import { recordOf } from "./records/stored-record.ts";
import { defineScripts } from "./scripts.ts";
import { storeError } from "./store-error.ts";

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
    this.#committer = new BatchCommitter({ redis, keys, bases, memory, reader, retentionDays, admit, onDamage });
    this.#eraser = new Eraser(redis, keys);
    this.#chatEraser = new RedisChatEraser(redis, keys, this.#committer);
    defineScripts(redis);
  }

  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    return this.#committer.apply(batches);
  }

  async message(instance: InstanceId, idMessage: string, direction: Direction): Promise<MessageRecord | undefined> {
    const [found] = await this.#reader.stored(instance, ({ hash }) => [recordField(direction, idMessage, hash)]);
    return found?.stored === undefined || found.stored.value.length === 0
      ? undefined
      : recordOf(found.field, found.stored);
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
    const read = async (args: ListArguments) =>
      listReply.parse(await this.#redis.listMessagesBuffer(this.#keys.instance(instance), ...args).catch(storeError));
    return listMessages(read, query);
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

  async summaries(instances: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]> {
    return Promise.all(instances.map(async (instance) => this.#summary(instance, now)));
  }

  async totals(instances: readonly InstanceId[]): Promise<readonly InstanceTotals[]> {
    return Promise.all(
      instances.map(async (instance) => {
        const reply = await this.#redis.readRootBuffer(this.#keys.instance(instance)).catch(storeError);
        const [meta, counts, retracted, pending] = instanceRootReply.parse(reply);
        const [summary, state, stateAt, ratio] = TOTALS_FIELDS.map((field) => fieldOf(meta, field));
        const sums = pendingOf(instance, pending);
        const failureRatioMax = failureRatioOf(ratio);
        return {
          ...totalsOf(counts, retracted, sums, summary, state?.toString(), stateAt?.toString()),
          ...(failureRatioMax === undefined ? {} : { failureRatioMax }),
        };
      }),
    );
  }

  async hours(instance: InstanceId, fromHour: number, toHour: number): Promise<ReadonlyMap<number, Counts>> {
    const hours = new Map<number, Counts>();
    const [first, last] = [Math.floor(fromHour / HOURS_A_KEY), Math.floor(toHour / HOURS_A_KEY)];
    for (let from = first; from <= last; from += BLOCKS_A_CALL) {
      const to = Math.min(last, from + BLOCKS_A_CALL - 1);
      const reply = await this.#redis.readHoursBuffer(this.#keys.instance(instance), from, to).catch(storeError);
      const [pending, blocks] = hoursReply.parse(reply);
      const some = decodeHours(
        new Map(blocks.map((pairs, i) => [from + i, pairs])),
        pendingOf(instance, pending).hours,
        Math.max(fromHour, from * HOURS_A_KEY),
        Math.min(toHour, (to + 1) * HOURS_A_KEY - 1),
      );
      for (const [hour, counts] of some) hours.set(hour, counts);
    }
    return hours;
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
    // See `lua/end-forgetting.lua`.
    await this.#redis.persist(key).catch(storeError);
  }

  /** What the keys of the instance's present epoch begin with. */
  async #epochOf(root: string): Promise<string> {
    const epoch = await this.#redis.hgetBuffer(root + INSTANCE_KEYS.META, "epoch").catch(storeError);
    return epoch?.toString("latin1").slice(8) ?? "";
  }

  async #summary(instance: InstanceId, now: number): Promise<InstanceSummary> {
    const hour = hourOf(now / 1000);
    const [since7Days, since30Days, lastDay] = [hour - 7 * 24, hour - 30 * 24, Math.floor(hour / 24) + 2];
    const reply = await this.#redis
      .readSummaryBuffer(
        this.#keys.instance(instance),
        since7Days,
        since30Days,
        lastDay,
        KIND_KEYS.join(""),
        ...MESSAGES_SLOTS,
      )
      .catch(storeError);
    const [[counts, retracted, stored], [summary, state, stateAt, chatsVersion], unique, [last7Days, last30Days]] =
      summaryReply.parse(reply);
    const pending = pendingOf(instance, stored);
    const { first, last } = instanceTimes(summary);
    const version = versionOfChats(chatsVersion, unique);
    return {
      ...totalsOf(counts, retracted, pending, summary, state, stateAt),
      uniqueChats: Object.fromEntries(CHAT_KINDS.map((kind, i) => [kind, unique[i] ?? 0])) as Record<ChatKind, number>,
      ...(version === undefined ? {} : { chatsVersion: version }),
      messagesLast7Days: last7Days + messagesWithin(pending, since7Days, lastDay),
      messagesLast30Days: last30Days + messagesWithin(pending, since30Days, lastDay),
      ...(first === undefined ? {} : { firstMessageAt: first }),
      ...(last === undefined ? {} : { lastMessageAt: last }),
    };
  }
}

/** Of counts by the hour: so Redis does nothing else for a few milliseconds. */
const BLOCKS_A_CALL = 100;

const TOTALS_FIELDS = ["summary", "state", "stateAt", "failureRatioMax"];

/** @param pairs field and value in turn */
function fieldOf(pairs: readonly Buffer[], field: string): Buffer | undefined {
  for (let i = 0; i + 1 < pairs.length; i += 2) if (pairs[i]?.toString() === field) return pairs[i + 1];
  return undefined;
}

/** @throws {StoreRejectedError} */
function pendingOf(instance: InstanceId, pending: Buffer): PendingSums {
  try {
    return sumPending(pending);
  } catch {
    throw unreadable(instance);
  }
}

/** Messages that are pending of an hour and of all after it, to the end of a day. */
function messagesWithin({ hours }: PendingSums, fromHour: number, lastDay: number): number {
  let sum = 0;
  for (const [key, by] of hours) {
    const [hour, slot] = [Math.floor(key / SLOTS_MAX), key % SLOTS_MAX];
    const isMessages = slot >= MESSAGES_SLOTS[0] && slot < MESSAGES_SLOTS[1];
    if (isMessages && hour >= fromHour && hour < (lastDay + 1) * 24) sum += by;
  }
  return sum;
}

function failedAt({ message }: { readonly message: ReturnType<typeof messageOf> }): number {
  return message.failure?.at ?? 0;
}

/** @param counts and retracted: the strings at those keys @param summary, state and stateAt: fields of META */
function totalsOf(
  counts: Buffer,
  retracted: Buffer,
  pending: PendingSums,
  summary: Buffer | null | undefined,
  state: string | null | undefined,
  stateAt: string | null | undefined,
): InstanceTotals {
  const { lastReceipt } = instanceTimes(summary);
  return {
    counts: decodeCounts(counts, pending.totals),
    retracted: decodeCounts(retracted, pending.retracted),
    ...(lastReceipt === undefined ? {} : { lastWebhookAt: lastReceipt }),
    ...(state == null ? {} : { state: { state, at: Number(stateAt) } }),
  };
}
