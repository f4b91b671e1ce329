import {
  hourOf,
  isGrowing,
  OUTCOMES,
  type ChatKind,
  type Counter,
  type Counts,
  type CountsReader,
  type Direction,
  type InstanceEvent,
  type InstanceId,
  type InstanceSettings,
  type InstanceSummary,
  type InstanceTotals,
  type MessageEvent,
  type MessageReader,
  type MessageRecord,
  type MessageStore,
  type Outcome,
  type SettingsStore,
  type StateEvent,
} from "@ticktally/core";
import { applyReply, messageReply, summaryReply } from "@ticktally/schemas";
import { CHAT_FIRST_BYTES, kindOfFirstByte } from "./chat-codec.ts";
import type { RedisClient } from "./connection.ts";
import { decodeCounts, decodeHours } from "./counter-codec.ts";
import { packEvents } from "./event-codec.ts";
import { HOURS_A_KEY, type Keys } from "./keys.ts";
import { recordField, unpackRecord } from "./record-codec.ts";
import { defineScripts } from "./scripts.ts";
import { storeError } from "./store-error.ts";

export interface RedisMessageStoreOptions {
  readonly keys: Keys;
  /** Records live at least so long after their last event, and at most half as long again. */
  readonly retentionDays: number;
}

/** Messages and counts in Redis: packed records in bucketed hashes, moved together with every roll-up by one script. */
export class RedisMessageStore implements MessageStore, MessageReader, CountsReader, SettingsStore {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #generationMs: number;

  constructor(redis: RedisClient, { keys, retentionDays }: RedisMessageStoreOptions) {
    this.#redis = redis;
    this.#keys = keys;
    // A record is found in its own generation and the two after it.
    this.#generationMs = (retentionDays * 86_400_000) / 2;
    defineScripts(redis);
  }

  async apply(instance: InstanceId, events: readonly InstanceEvent[], now: number): Promise<readonly Outcome[]> {
    const messages = events.filter(isMessageEvent);
    const state = newestState(events);
    const heard = events.reduce((latest, event) => Math.max(latest, event.receivedAt), 0);
    const keys = this.#keys;
    const reply = await this.#redis
      .applyBatch(
        keys.meta(instance),
        keys.counts(instance),
        keys.messagesPrefix(instance),
        keys.descriptionsPrefix(instance),
        keys.hoursPrefix(instance),
        keys.daysPrefix(instance),
        keys.chatsPrefix(instance),
        now,
        this.#generationMs,
        heard,
        state?.state ?? "",
        state?.at ?? 0,
        messages.length === 0 ? "" : packEvents(messages),
      )
      .catch(storeError);
    const [messageOutcomes, stateOutcome] = applyReply.parse(reply);
    let next = 0;
    return events.map((event) => {
      if (event.kind === "signal") return "ignored";
      if (event.kind === "state") return event === state ? outcomeOf(stateOutcome) : "late";
      return outcomeOf(messageOutcomes.charAt(next++));
    });
  }

  async message(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    now: number,
  ): Promise<MessageRecord | undefined> {
    const keys = this.#keys;
    const prefixes = [keys.meta(instance), keys.messagesPrefix(instance), keys.descriptionsPrefix(instance)];
    const field = recordField(direction, idMessage);
    const reply = await this.#redis.readMessageBuffer(...prefixes, now, this.#generationMs, field).catch(storeError);
    const found = messageReply.parse(reply);
    return found === null ? undefined : unpackRecord({ direction, idMessage }, found[0], found[1].toString("utf8"));
  }

  async summaries(instances: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]> {
    return Promise.all(instances.map(async (instance) => this.#summary(instance, now)));
  }

  async totals(instances: readonly InstanceId[]): Promise<readonly InstanceTotals[]> {
    return Promise.all(
      instances.map(async (instance) => {
        const [counts, meta] = await Promise.all([
          this.#redis.hgetall(this.#keys.counts(instance)).catch(storeError),
          this.#redis.hmget(this.#keys.meta(instance), "heard", "state", "stateAt").catch(storeError),
        ]);
        return totalsOf(Object.entries(counts).flat(), meta);
      }),
    );
  }

  async hours(instance: InstanceId, fromHour: number, toHour: number): Promise<ReadonlyMap<number, Counts>> {
    const hours = new Map<number, Map<Counter, number>>();
    const first = Math.floor(fromHour / HOURS_A_KEY);
    const numbers = Array.from({ length: Math.floor(toHour / HOURS_A_KEY) - first + 1 }, (_, i) => first + i);
    const prefix = this.#keys.hoursPrefix(instance);
    const hashes = await Promise.all(
      numbers.map(async (number) => this.#redis.hgetall(prefix + String(number)).catch(storeError)),
    );
    hashes.forEach((hash, i) => decodeHours(first + i, hash, hours));
    return new Map([...hours].filter(([hour]) => hour >= fromHour && hour <= toHour));
  }

  async changeSettings(instance: InstanceId, { ignoreGroupMessages }: Partial<InstanceSettings>): Promise<void> {
    if (ignoreGroupMessages === undefined) return;
    await this.#redis
      .hset(this.#keys.meta(instance), "ignoreGroups", ignoreGroupMessages ? "1" : "0")
      .catch(storeError);
  }

  async #summary(instance: InstanceId, now: number): Promise<InstanceSummary> {
    const keys = this.#keys;
    const hour = hourOf(now / 1000);
    const reply = await this.#redis
      .readSummary(
        keys.meta(instance),
        keys.counts(instance),
        keys.hoursPrefix(instance),
        keys.daysPrefix(instance),
        keys.chatsPrefix(instance),
        hour - 7 * 24,
        hour - 30 * 24,
        CHAT_FIRST_BYTES.join(""),
        Math.floor(hour / 24) + 2,
      )
      .catch(storeError);
    const [fields, [first, last, heard, state, stateAt], unique, [last7Days, last30Days]] = summaryReply.parse(reply);
    return {
      ...totalsOf(fields, [heard, state, stateAt]),
      uniqueChats: uniqueByKind(unique),
      messagesLast7Days: last7Days,
      messagesLast30Days: last30Days,
      ...(first === null ? {} : { firstMessageAt: Number(first) }),
      ...(last === null ? {} : { lastMessageAt: Number(last) }),
    };
  }
}

/** @param fields counter, value, … @param meta heard, state, stateAt */
function totalsOf(fields: readonly string[], [heard, state, stateAt]: readonly (string | null)[]): InstanceTotals {
  const { counts, retracted } = decodeCounts(fields);
  return {
    counts,
    retracted: new Map([...retracted].filter(([counter]) => isGrowing(counter))),
    ...(heard == null ? {} : { lastWebhookAt: Number(heard) }),
    ...(state == null ? {} : { state: { state, at: Number(stateAt) } }),
  };
}

function isMessageEvent(event: InstanceEvent): event is MessageEvent {
  return event.kind === "observation" || event.kind === "status";
}

/** Of several states told in one batch only the newest matters; of two in one second, the later told. */
function newestState(events: readonly InstanceEvent[]): StateEvent | undefined {
  return events.reduce<StateEvent | undefined>(
    (newest, event) => (event.kind === "state" && event.at >= (newest?.at ?? 0) ? event : newest),
    undefined,
  );
}

function outcomeOf(character: string): Outcome {
  const outcome = OUTCOMES[character.charCodeAt(0) - 48];
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
