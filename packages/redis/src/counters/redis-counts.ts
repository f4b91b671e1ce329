import {
  CHAT_KINDS,
  firstKeptHour,
  hourOf,
  hourOfLabel,
  LABEL_SLOTS_MAX,
  MESSAGES_SLOTS,
  sourceOfSlot,
  TIMED_SLOTS_MAX,
  type ChatKind,
  type CountsReader,
  type CountSource,
  type InstanceId,
  type InstanceSummary,
  type InstanceTotals,
  type TakeCount,
} from "@ticktally/core";
import {
  countAnswer,
  countsReply,
  fieldsAnswer,
  valueAnswer,
  valuesAnswer,
  type PackedAnswer,
} from "@ticktally/schemas";
import { versionOfChats } from "../chats/chat-union.ts";
import { readable } from "../records/readable.ts";
import type { RedisClient } from "../connection/connection.ts";
import { instanceTimes } from "../instances/instance-epoch.ts";
import { failureRatioOf } from "../instances/instance-settings.ts";
import { inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { COUNT_KEYS, DAYS_A_KEY, HOURS_A_KEY, INSTANCE_KEYS, type Keys } from "../keys.ts";
import { KIND_KEYS } from "../records/chat-codec.ts";
import { decodeCounts, eachOfHours, eachStoredCount } from "./counter-codec.ts";
import { lastHourOf, sumPending, type PendingSums } from "../records/pending-codec.ts";
import { storeError } from "../connection/store-error.ts";

/** Of counts by time: so Redis does nothing else for a few milliseconds. */
const BLOCKS_A_CALL = 100;
const { META, COUNTS, RETRACTED, PENDING, HOURS, DAYS, CHATS } = INSTANCE_KEYS;

/** Reads what is counted of an instance: each answer is of one moment, what is still to be added to the counters included. */
export class RedisCounts implements CountsReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async totals(instances: readonly InstanceId[]): Promise<readonly InstanceTotals[]> {
    return Promise.all(instances.map(async (instance) => this.#totals(instance)));
  }

  async summaries(instances: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]> {
    return Promise.all(instances.map(async (instance) => this.#summary(instance, now)));
  }

  async pastVersions(instances: readonly InstanceId[], beforeHour: number): Promise<readonly string[]> {
    return Promise.all(instances.map(async (instance) => this.#pastVersion(instance, beforeHour)));
  }

  async #totals(instance: InstanceId): Promise<InstanceTotals> {
    const root = this.#keys.instance(instance);
    return totalsOf(instance, await readKeys(this.#redis, root, totalsAsked(root))).totals;
  }

  async #summary(instance: InstanceId, now: number): Promise<InstanceSummary> {
    const root = this.#keys.instance(instance);
    const hour = hourOf(now / 1000);
    // Events may be dated a day ahead.
    const [since7Days, since30Days, lastDay] = [hour - 7 * 24, hour - 30 * 24, Math.floor(hour / 24) + 2];
    const blocks = [...new Set([...blocksOfDay(since7Days), ...blocksOfDay(since30Days)])];
    const [firstDays, lastDays] = [Math.floor(since30Days / 24 / DAYS_A_KEY), Math.floor(lastDay / DAYS_A_KEY)];
    const days = range(firstDays, lastDays);
    const asked = totalsAsked(root);
    const answers = await readKeys(this.#redis, root, [
      ...asked,
      ["HMGET", root + META, "approximate", "epoch", "chatsVersion"],
      ...KIND_KEYS.flatMap((kind): KeyCommand[] => [
        ["HLEN", inEpoch(CHATS + kind)],
        ["PFCOUNT", inEpoch(`${CHATS + kind}~`)],
      ]),
      ...blocks.map((block): KeyCommand => ["HGETALL", inEpoch(HOURS + String(block))]),
      ...days.map((block): KeyCommand => ["HGETALL", inEpoch(DAYS + String(block))]),
    ]);
    const { totals, pending, times } = totalsOf(instance, answers);
    const chatsAt = asked.length + 1;
    const [approximate, epoch, stored] = fieldsAnswer.parse(answers[asked.length]);
    const unique = KIND_KEYS.map((kind, i) =>
      countAnswer.parse(answers[chatsAt + 2 * i + (approximate?.includes(kind) === true ? 1 : 0)]),
    );
    const hoursAt = chatsAt + 2 * KIND_KEYS.length;
    const messages = new MessageCounts(pending);
    blocks.forEach((block, i) => {
      messages.addHours(block, valuesAnswer.parse(answers[hoursAt + i]));
    });
    for (const answer of answers.slice(hoursAt + blocks.length)) messages.addDays(valuesAnswer.parse(answer));
    const version = versionOfChats(epoch, stored, unique);
    return {
      ...totals,
      uniqueChats: Object.fromEntries(CHAT_KINDS.map((kind, i) => [kind, unique[i] ?? 0])) as Record<ChatKind, number>,
      ...(version === undefined ? {} : { chatsVersion: version }),
      messagesLast7Days: messages.since(since7Days, lastDay),
      messagesLast30Days: messages.since(since30Days, lastDay),
      ...(times.first === undefined ? {} : { firstMessageAt: times.first }),
      ...(times.last === undefined ? {} : { lastMessageAt: times.last }),
    };
  }

  /** Moves when pending changes are added, and says what is pending: see `lua/add-pending.lua`. */
  async #pastVersion(instance: InstanceId, beforeHour: number): Promise<string> {
    const root = this.#keys.instance(instance);
    const [meta, pending] = await readKeys(this.#redis, root, [
      ["HMGET", root + META, "epoch", "pastVersion"],
      ["GET", root + PENDING],
    ]);
    const [epoch, moved] = fieldsAnswer.parse(meta);
    const { times, labels } = pendingOf(instance, valueAnswer.parse(pending) ?? NOTHING);
    const past = [...times].filter(([key, by]) => {
      const source = sourceOfSlot(key % TIMED_SLOTS_MAX);
      return by !== 0 && source !== undefined && lastHourOf(source, Math.floor(key / TIMED_SLOTS_MAX)) < beforeHour;
    });
    const ofLabels = [...labels].filter(
      ([key, by]) => by !== 0 && hourOfLabel(Math.floor(key / LABEL_SLOTS_MAX)) < beforeHour,
    );
    const changes = JSON.stringify([past.sort(), ofLabels.sort()]);
    return [epoch?.toString("hex") ?? "", moved?.toString() ?? "", changes].join(" ");
  }

  async eachCount(instance: InstanceId, source: CountSource, from: number, to: number, take: TakeCount): Promise<void> {
    const root = this.#keys.instance(instance);
    const { prefix, timesAKey } = COUNT_KEYS[source];
    const kept = firstKeptTime(source);
    const [first, last] = [Math.floor(Math.max(from, kept) / timesAKey), Math.floor(to / timesAKey)];
    for (let block = first; block <= last; block += BLOCKS_A_CALL) {
      const end = Math.min(last, block + BLOCKS_A_CALL - 1);
      const reply = await this.#redis.readCountsBuffer(root, prefix, block, end).catch(storeError);
      const [pending, blocks] = countsReply.parse(reply);
      const [start, stop] = [Math.max(from, kept, block * timesAKey), Math.min(to, (end + 1) * timesAKey - 1)];
      const within: TakeCount = (time, slot, count) => {
        if (time >= start && time <= stop) take(time, slot, count);
      };
      readable(instance, () => {
        blocks.forEach((stored, i) => {
          const time = (block + i) * timesAKey;
          const isWhole = time >= start && time + timesAKey - 1 <= stop;
          eachStoredCount(stored, time, isWhole ? take : within);
        });
      });
      // What is pending is read with each part, as it is at that moment.
      for (const [key, by] of pendingOf(instance, pending).times) {
        const [time, slot] = [Math.floor(key / TIMED_SLOTS_MAX), key % TIMED_SLOTS_MAX];
        if (by !== 0 && sourceOfSlot(slot) === source) within(time, slot, by);
      }
    }
  }
}

/** What is older may still be there, but is no longer right. */
function firstKeptTime(source: CountSource): number {
  const hour = firstKeptHour(Date.now() / 1000);
  return source === "latencies" ? Math.floor(hour / 24) : hour;
}

/** Messages by the hour and by the day. */
class MessageCounts {
  readonly #pending: PendingSums;
  readonly #byHour = new Map<number, number>();
  readonly #byDay = new Map<number, number>();

  constructor(pending: PendingSums) {
    this.#pending = pending;
  }

  addHours(block: number, pairs: readonly Buffer[]): void {
    eachOfHours(block, pairs, (hour, slot, count) => {
      if (isMessages(slot)) this.#byHour.set(hour, (this.#byHour.get(hour) ?? 0) + count);
    });
  }

  addDays(pairs: readonly Buffer[]): void {
    for (let i = 0; i + 1 < pairs.length; i += 2) this.#byDay.set(Number(pairs[i]), Number(pairs[i + 1]));
  }

  /** Of an hour and of all after it, to the end of a day: whole days from the day roll-up, the first one from its hours. */
  since(fromHour: number, lastDay: number): number {
    const firstDay = Math.floor(fromHour / 24);
    let sum = 0;
    for (const [hour, count] of this.#byHour) if (hour >= fromHour && hour < (firstDay + 1) * 24) sum += count;
    for (let day = firstDay + 1; day <= lastDay; day++) sum += this.#byDay.get(day) ?? 0;
    for (const [key, by] of this.#pending.times) {
      const hour = Math.floor(key / TIMED_SLOTS_MAX);
      if (isMessages(key % TIMED_SLOTS_MAX) && hour >= fromHour && hour < (lastDay + 1) * 24) sum += by;
    }
    return sum;
  }
}

function isMessages(slot: number): boolean {
  return slot >= MESSAGES_SLOTS[0] && slot < MESSAGES_SLOTS[1];
}

/** The blocks of an hour and of those after it on its day. */
function blocksOfDay(hour: number): readonly number[] {
  return range(Math.floor(hour / HOURS_A_KEY), Math.floor((Math.floor(hour / 24) * 24 + 23) / HOURS_A_KEY));
}

/** Both included. */
function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function totalsAsked(root: string): readonly KeyCommand[] {
  return [
    ["HMGET", root + META, "summary", "state", "stateAt", "failureRatioMax"],
    ["GET", root + COUNTS],
    ["GET", root + RETRACTED],
    ["GET", root + PENDING],
  ];
}

/** @param answers to {@link totalsAsked} */
function totalsOf(instance: InstanceId, [meta, ...strings]: readonly PackedAnswer[]) {
  const [summary, state, stateAt, ratio] = fieldsAnswer.parse(meta);
  const failureRatioMax = failureRatioOf(ratio);
  const [counts = NOTHING, retracted = NOTHING, stored = NOTHING] = strings
    .slice(0, 3)
    .map((answer) => valueAnswer.parse(answer));
  const pending = pendingOf(instance, stored);
  const times = instanceTimes(summary);
  const totals: InstanceTotals = {
    counts: decodeCounts(counts, pending.totals),
    retracted: decodeCounts(retracted, pending.retracted),
    ...(times.lastReceipt === undefined ? {} : { lastWebhookAt: times.lastReceipt }),
    ...(state === undefined ? {} : { state: { state: String(state), at: Number(stateAt) } }),
    ...(failureRatioMax === undefined ? {} : { failureRatioMax }),
  };
  return { totals, pending, times };
}

/** @throws {StoreRejectedError} */
function pendingOf(instance: InstanceId, pending: Buffer): PendingSums {
  return readable(instance, () => sumPending(pending));
}

const NOTHING = Buffer.alloc(0);
