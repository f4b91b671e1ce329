import {
  hourOf,
  isAction,
  OUTCOMES,
  type ChatEraser,
  type ChatKind,
  type Counter,
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
  type SettingsStore,
} from "@ticktally/core";
import { applyReply, listReply, messagesReply, summaryReply } from "@ticktally/schemas";
import { CHAT_FIRST_BYTES, kindOfFirstByte } from "./chat-codec.ts";
import { RedisChatEraser } from "./chat-eraser.ts";
import { versionOfChats } from "./chat-union.ts";
import type { RedisClient } from "./connection.ts";
import { decodeCounts, decodeHours } from "./counter-codec.ts";
import { newestState, packBatches } from "./event-codec.ts";
import { Eraser } from "./eraser.ts";
import { instanceHead } from "./instance-head.ts";
import { HOURS_A_KEY, INSTANCE_KEYS, type Keys } from "./keys.ts";
import { listMessages, type ListArguments } from "./message-list.ts";
import { recordField, unpackRecord } from "./record-codec.ts";
import { defineScripts } from "./scripts.ts";
import { storeError } from "./store-error.ts";

export interface RedisMessageStoreOptions {
  readonly keys: Keys;
  /** Records live at least so long after their last event, and at most half as long again. */
  readonly retentionDays: number;
}

/** Messages and counts in Redis: packed records in bucketed hashes, moved together with every roll-up by one script. */
export class RedisMessageStore
  implements MessageStore, MessageReader, MessageLister, CountsReader, SettingsStore, InstanceEraser, ChatEraser
{
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #generationMs: number;
  readonly #eraser: Eraser;
  readonly #chatEraser: RedisChatEraser;

  constructor(redis: RedisClient, { keys, retentionDays }: RedisMessageStoreOptions) {
    this.#redis = redis;
    this.#keys = keys;
    // A record is found in its own generation and the two after it.
    this.#generationMs = (retentionDays * 86_400_000) / 2;
    this.#eraser = new Eraser(redis, keys, this.#generationMs);
    this.#chatEraser = new RedisChatEraser(redis, keys, this.#generationMs);
    defineScripts(redis);
  }

  async apply(batches: readonly InstanceEvents[], now: number): Promise<readonly (readonly Outcome[])[]> {
    // In a cluster a script's keys must lie in one slot, which is one instance; elsewhere one call does for all, and its
    // fixed cost (30 µs on both ends together) is paid once.
    if (!this.#redis.isCluster) return this.#applyInOneCall(batches, now);
    const calls = batches.map(async (batch) => this.#applyInOneCall([batch], now));
    return (await Promise.all(calls)).flat();
  }

  async #applyInOneCall(batches: readonly InstanceEvents[], now: number): Promise<readonly (readonly Outcome[])[]> {
    const prefixes = batches.map(({ instance }) => this.#keys.instance(instance));
    const reply = await this.#redis
      .applyBatch(prefixes.length, ...prefixes, now, this.#generationMs, packBatches(batches))
      .catch(storeError);
    return outcomesOf(batches, applyReply.parse(reply));
  }

  async message(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    now: number,
  ): Promise<MessageRecord | undefined> {
    const [found] = await this.#messages(instance, [recordField(direction, idMessage)], now);
    return found;
  }

  async recentFailures(instance: InstanceId, now: number): Promise<readonly MessageRecord[]> {
    const failed = await this.#messages(instance, [], now);
    return failed.filter((record) => record.state.failure !== undefined && !isAction(record.type));
  }

  async #messages(instance: InstanceId, fields: readonly Buffer[], now: number): Promise<readonly MessageRecord[]> {
    const reply = await this.#redis
      .readMessagesBuffer(this.#keys.instance(instance), now, this.#generationMs, ...fields)
      .catch(storeError);
    return messagesReply.parse(reply).map(unpackRecord);
  }

  async list(instance: InstanceId, query: MessageQuery, now: number): Promise<MessagePage> {
    const read = async (args: ListArguments) =>
      listReply.parse(
        await this.#redis
          .listMessagesBuffer(this.#keys.instance(instance), now, this.#generationMs, ...args)
          .catch(storeError),
      );
    return listMessages(read, query);
  }

  async forget(instance: InstanceId): Promise<void> {
    await this.#eraser.forget(instance);
  }

  async forgetChat(instance: InstanceId, chatId: string, now: number): Promise<ForgottenChat> {
    return this.#chatEraser.forgetChat(instance, chatId, now);
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
        const [counts, meta] = await Promise.all([
          this.#redis.getBuffer(this.#keys.instance(instance) + INSTANCE_KEYS.COUNTS).catch(storeError),
          this.#redis
            .hmgetBuffer(this.#keys.instance(instance) + INSTANCE_KEYS.META, "head", "state", "stateAt")
            .catch(storeError),
        ]);
        const [head, state, stateAt] = meta;
        return totalsOf(counts ?? NOTHING, head, state?.toString(), stateAt?.toString());
      }),
    );
  }

  async hours(instance: InstanceId, fromHour: number, toHour: number): Promise<ReadonlyMap<number, Counts>> {
    const root = this.#keys.instance(instance);
    const life = await this.#redis.hget(root + INSTANCE_KEYS.META, "life").catch(storeError);
    const hours = new Map<number, Map<Counter, number>>();
    const first = Math.floor(fromHour / HOURS_A_KEY);
    const numbers = Array.from({ length: Math.floor(toHour / HOURS_A_KEY) - first + 1 }, (_, i) => first + i);
    const prefix = root + (life ?? "") + INSTANCE_KEYS.HOURS;
    const hashes = await Promise.all(
      numbers.map(async (number) => this.#redis.hgetall(prefix + String(number)).catch(storeError)),
    );
    hashes.forEach((hash, i) => decodeHours(first + i, hash, hours));
    return new Map([...hours].filter(([hour]) => hour >= fromHour && hour <= toHour));
  }

  async settings(instances: readonly InstanceId[]): Promise<readonly InstanceSettings[]> {
    return Promise.all(
      instances.map(async (instance) => {
        const key = this.#keys.instance(instance) + INSTANCE_KEYS.META;
        const ignoreGroups = await this.#redis.hget(key, "ignoreGroups").catch(storeError);
        return { ignoreGroupMessages: ignoreGroups === "1" };
      }),
    );
  }

  async changeSettings(instance: InstanceId, { ignoreGroupMessages }: Partial<InstanceSettings>): Promise<void> {
    if (ignoreGroupMessages === undefined) return;
    await this.#redis
      .hset(this.#keys.instance(instance) + INSTANCE_KEYS.META, "ignoreGroups", ignoreGroupMessages ? "1" : "0")
      .catch(storeError);
  }

  async #summary(instance: InstanceId, now: number): Promise<InstanceSummary> {
    const hour = hourOf(now / 1000);
    const reply = await this.#redis
      .readSummaryBuffer(
        this.#keys.instance(instance),
        hour - 7 * 24,
        hour - 30 * 24,
        CHAT_FIRST_BYTES.join(""),
        Math.floor(hour / 24) + 2,
      )
      .catch(storeError);
    const [stored, [head, state, stateAt, chatsVersion], unique, [last7Days, last30Days]] = summaryReply.parse(reply);
    const { first, last } = instanceHead(head);
    const version = versionOfChats(chatsVersion, unique);
    return {
      ...totalsOf(stored, head, state, stateAt),
      uniqueChats: uniqueByKind(unique),
      ...(version === undefined ? {} : { chatsVersion: version }),
      messagesLast7Days: last7Days,
      messagesLast30Days: last30Days,
      ...(first === undefined ? {} : { firstMessageAt: first }),
      ...(last === undefined ? {} : { lastMessageAt: last }),
    };
  }
}

const NOTHING = Buffer.alloc(0);

/** @param stored the string at COUNTS @param head, state and stateAt: fields of META */
function totalsOf(
  stored: Buffer,
  head: Buffer | null | undefined,
  state: string | null | undefined,
  stateAt: string | null | undefined,
): InstanceTotals {
  const { counts, retracted } = decodeCounts(stored);
  const { heard } = instanceHead(head);
  return {
    counts,
    retracted,
    ...(heard === undefined ? {} : { lastWebhookAt: heard }),
    ...(state == null ? {} : { state: { state, at: Number(stateAt) } }),
  };
}

/** @param reply for each batch one character per message event, then one of its newest state */
function outcomesOf(batches: readonly InstanceEvents[], reply: string): readonly (readonly Outcome[])[] {
  let next = 0;
  return batches.map(({ events }) => {
    const outcomes = events.map((event) => {
      if (event.kind === "signal") return "ignored";
      return event.kind === "state" ? "late" : outcomeOf(reply.charCodeAt(next++));
    });
    const stateOutcome = reply.charCodeAt(next++);
    const state = newestState(events);
    return state === undefined ? outcomes : outcomes.with(events.indexOf(state), outcomeOf(stateOutcome));
  });
}

function outcomeOf(code: number): Outcome {
  const outcome = OUTCOMES[code - 48];
  if (outcome === undefined) throw new RangeError("the script answered with an unknown outcome");
  return outcome;
}

function uniqueByKind(unique: readonly number[]): Record<ChatKind, number> {
  const byKind: Record<ChatKind, number> = { individual: 0, group: 0, channel: 0, status: 0 };
  CHAT_FIRST_BYTES.forEach((byte, i) => {
    const kind = kindOfFirstByte(byte);
    if (kind !== "unknown") byKind[kind] += unique[i] ?? 0;
  });
  return byKind;
}
