import { CHAT_KINDS, chatKindCode, forgottenChatId, type ChatKind } from "../chats/chat-id.ts";
import { contributionOf, hourOf, newContribution } from "../counters/contribution.ts";
import { CounterChanges } from "../counters/counter-changes.ts";
import { COUNTER_OF_SLOT, IS_GROWING, MESSAGES_SLOTS, type Counter } from "../counters/counters.ts";
import { Decision, movesLastMessage } from "../decision.ts";
import { InvalidCursorError } from "../errors.ts";
import { messageOf } from "../messages/message.ts";
import { chatKindOf, type Direction, type InstanceEvent, type MessageEvent } from "../messages/message-event.ts";
import { isWithin, statusesOf, type MessageFilter } from "../messages/message-filter.ts";
import { copyOf, directionOf, newRecord, type MessageRecord } from "../messages/message-record.ts";
import type { Outcome } from "../messages/message-status.ts";
import { isActionCode } from "../messages/message-type.ts";
import type { CountsReader, InstanceSummary, InstanceTotals, TakeCount } from "../counters/counts-reader.ts";
import type { InstanceId } from "../instances/instance-id.ts";
import type { InstanceSettings, InstanceSettingsChange, SettingsStore } from "../instances/instance-settings.ts";
import type { InstanceState, StateHistoryReader } from "../instances/state-history.ts";
import type {
  ChatEraser,
  ForgottenChat,
  InstanceEvents,
  MessageLister,
  MessagePage,
  MessageQuery,
  MessageReader,
  MessageStore,
} from "../messages/message-store.ts";
import { forgetRecipient } from "../messages/recipients.ts";
import { addStateReport } from "../instances/state-history.ts";
import { sourceOfSlot, TIMED_SLOTS_MAX, type CountSource } from "../counters/timed-slots.ts";
import { keyOfEvent, recordsOfId } from "./memory-keys.ts";

interface Instance {
  readonly records: Map<string, MessageRecord>;
  readonly counts: Map<Counter, number>;
  readonly retracted: Map<Counter, number>;
  /** By time × TIMED_SLOTS_MAX + slot. */
  readonly times: Map<number, number>;
  /** How many messages each chat has, of each kind. */
  readonly chats: readonly Map<string, number>[];
  settings: InstanceSettings;
  first?: number;
  last?: number;
  lastReceivedAt?: number;
  stateReports: readonly InstanceState[];
}

/** The specification of a store: the rules of core over plain maps. Keeps records forever. */
export class MemoryMessageStore
  implements MessageStore, MessageReader, MessageLister, CountsReader, SettingsStore, StateHistoryReader, ChatEraser
{
  readonly #instances = new Map<InstanceId, Instance>();

  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    return Promise.resolve(batches.map(({ instance, events }) => applyAll(this.#instance(instance), events)));
  }

  async message(id: InstanceId, idMessage: string, direction: Direction, chatId?: string) {
    const [record] = await this.messagesOf(id, idMessage, direction, chatId);
    return record;
  }

  async messagesOf(id: InstanceId, idMessage: string, direction: Direction, chatId?: string) {
    return Promise.resolve(recordsOfId(this.#instance(id).records, direction, idMessage, chatId).map(copyOf));
  }

  async list(id: InstanceId, { filter, limit, cursor = "0" }: MessageQuery): Promise<MessagePage> {
    const all = [...this.#instance(id).records.values()];
    const skipped = Number(cursor);
    if (!Number.isInteger(skipped)) throw new InvalidCursorError("this cursor did not come from a list of messages");
    // Counted from the first seen, so new messages do not move a page.
    const left = all.slice(0, skipped === 0 ? all.length : skipped);
    const messages: MessageRecord[] = [];
    for (let record = left.pop(); record !== undefined; record = left.pop()) {
      if (matches(record, filter)) messages.push(record);
      if (messages.length === limit && left.length > 0) {
        return Promise.resolve({ messages, nextCursor: String(left.length) });
      }
    }
    return Promise.resolve({ messages });
  }

  async recentFailures(id: InstanceId): Promise<readonly MessageRecord[]> {
    const failed = [...this.#instance(id).records.values()].flatMap((record) => {
      const { failureHour, standing } = contributionOf(record, newContribution());
      return failureHour < 0 ? [] : [{ record, at: standing.failureAt }];
    });
    const newest = failed
      .sort((a, b) => b.at - a.at || (a.record.idMessage < b.record.idMessage ? -1 : 1))
      .slice(0, 50);
    return Promise.resolve(newest.map(({ record }) => copyOf(record)));
  }

  async summaries(ids: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]> {
    return Promise.resolve(ids.map((id) => summaryOf(this.#instance(id), now)));
  }

  async totals(ids: readonly InstanceId[]): Promise<readonly InstanceTotals[]> {
    return Promise.resolve(ids.map((id) => totalsOf(this.#instance(id))));
  }

  async eachCount(id: InstanceId, source: CountSource, from: number, to: number, take: TakeCount) {
    for (const [key, count] of this.#instance(id).times) {
      const [time, slot] = [Math.floor(key / TIMED_SLOTS_MAX), key % TIMED_SLOTS_MAX];
      if (count !== 0 && time >= from && time <= to && sourceOfSlot(slot) === source) take(time, slot, count);
    }
    return Promise.resolve();
  }

  async pastVersions(ids: readonly InstanceId[]): Promise<readonly string[]> {
    return Promise.resolve(ids.map((id) => JSON.stringify([...this.#instance(id).times].sort())));
  }

  async changeSettings(id: InstanceId, change: InstanceSettingsChange): Promise<void> {
    const instance = this.#instance(id);
    const { ignoreGroupMessages = instance.settings.ignoreGroupMessages } = change;
    const { failureRatioMax = instance.settings.failureRatioMax } = change;
    instance.settings = { ignoreGroupMessages, ...(failureRatioMax == null ? {} : { failureRatioMax }) };
    return Promise.resolve();
  }

  async settings(ids: readonly InstanceId[]): Promise<readonly InstanceSettings[]> {
    return Promise.resolve(ids.map((id) => this.#instance(id).settings));
  }

  async stateReports(id: InstanceId): Promise<readonly InstanceState[]> {
    return Promise.resolve(this.#instance(id).stateReports);
  }

  async forgetChat(id: InstanceId, chatId: string): Promise<ForgottenChat> {
    const instance = this.#instance(id);
    const found = { messages: 0, recipients: 0 };
    for (const record of instance.records.values()) {
      decision.begin(record);
      if (forgetRecipient(record, chatId)) found.recipients += 1;
      if (record.chatId === chatId) {
        record.chatId = forgottenChatId(chatId, record.chatKind);
        found.messages += 1;
      }
      decision.end(record, changes);
      store(instance);
    }
    return Promise.resolve(found);
  }

  /** Every record of an instance, for recomputing its counts. */
  records(id: InstanceId): readonly MessageRecord[] {
    return [...this.#instance(id).records.values()];
  }

  #instance(id: InstanceId): Instance {
    const known = this.#instances.get(id);
    if (known !== undefined) return known;
    const settings = { ignoreGroupMessages: false };
    const fresh = {
      records: new Map(),
      counts: new Map(),
      retracted: new Map(),
      times: new Map(),
      chats: CHAT_KINDS.map(() => new Map<string, number>()),
      stateReports: [],
      settings,
    };
    this.#instances.set(id, fresh);
    return fresh;
  }
}

const decision = new Decision();
const changes = new CounterChanges();

function applyAll(instance: Instance, events: readonly InstanceEvent[]): readonly Outcome[] {
  const outcomes = events.map((event) => applyTo(instance, event));
  store(instance);
  return outcomes;
}

function applyTo(instance: Instance, event: InstanceEvent): Outcome {
  instance.lastReceivedAt = Math.max(instance.lastReceivedAt ?? 0, event.receivedAt);
  if (event.kind === "signal") return "ignored";
  if (event.kind !== "state") return applyMessage(instance, event);
  const { reports, outcome } = addStateReport(instance.stateReports, event);
  instance.stateReports = reports;
  return outcome;
}

function applyMessage(instance: Instance, event: MessageEvent): Outcome {
  if (chatKindOf(event) === "group" && instance.settings.ignoreGroupMessages) {
    if (event.kind === "status") changes.addOutcome("ignored");
    return "ignored";
  }
  const direction = directionOf(event);
  const key = keyOfEvent(instance.records, direction, event);
  const record = instance.records.get(key) ?? newRecord(direction, event.idMessage);
  instance.records.set(key, record);
  decision.begin(record);
  const outcome = decision.apply(record, event, firstCharacters, changes);
  decision.end(record, changes);
  instance.first = Math.min(instance.first ?? Infinity, event.at);
  if (movesLastMessage(event)) instance.last = Math.max(instance.last ?? 0, event.at);
  return outcome;
}

/** Any hash of the text will do here: there is no attacker. */
function firstCharacters(text: string): number {
  return text.charCodeAt(0) * 65_536 + text.charCodeAt(1);
}

/** Add the changes to an instance's counts. */
function store(instance: Instance): void {
  changes.takeTotals((slot, by) => {
    const counter = COUNTER_OF_SLOT[slot];
    if (counter === undefined) throw new RangeError(`slot ${String(slot)} counts nothing`);
    add(instance.counts, counter, by);
    if (by < 0 && IS_GROWING[slot] === true) add(instance.retracted, counter, -by);
  });
  changes.takeTimes((time, slot, by) => {
    const key = time * TIMED_SLOTS_MAX + slot;
    instance.times.set(key, (instance.times.get(key) ?? 0) + by);
  });
  changes.takeChats((chatId, kind, by) => {
    const chats = instance.chats[kind];
    chats?.set(chatId, (chats.get(chatId) ?? 0) + by);
  });
}

function totalsOf({ counts, retracted, lastReceivedAt, stateReports, settings }: Instance): InstanceTotals {
  const { failureRatioMax } = settings;
  const state = stateReports.at(-1);
  return {
    counts: nonZero(counts),
    retracted: nonZero(retracted),
    ...(lastReceivedAt === undefined ? {} : { lastWebhookAt: lastReceivedAt }),
    ...(state === undefined ? {} : { state }),
    ...(failureRatioMax === undefined ? {} : { failureRatioMax }),
  };
}

function summaryOf(instance: Instance, now: number): InstanceSummary {
  const { first, last } = instance;
  const latest = last === undefined ? first : Math.max(last, first ?? 0);
  const uniqueOf = (kind: ChatKind) =>
    [...(instance.chats[chatKindCode(kind)] ?? [])].filter(([, messages]) => messages > 0).length;
  return {
    ...totalsOf(instance),
    uniqueChats: {
      individual: uniqueOf("individual"),
      group: uniqueOf("group"),
      channel: uniqueOf("channel"),
      status: uniqueOf("status"),
      broadcast: uniqueOf("broadcast"),
    },
    messagesLast7Days: messagesSince(instance, hourOf(now / 1000) - 7 * 24),
    messagesLast30Days: messagesSince(instance, hourOf(now / 1000) - 30 * 24),
    ...(first === undefined ? {} : { firstMessageAt: first }),
    ...(latest === undefined ? {} : { lastMessageAt: latest }),
  };
}

function messagesSince(instance: Instance, fromHour: number): number {
  let sum = 0;
  for (const [key, count] of instance.times) {
    const [hour, slot] = [Math.floor(key / TIMED_SLOTS_MAX), key % TIMED_SLOTS_MAX];
    if (hour >= fromHour && slot >= MESSAGES_SLOTS[0] && slot < MESSAGES_SLOTS[1]) sum += count;
  }
  return sum;
}

function matches(record: MessageRecord, filter: MessageFilter): boolean {
  const { direction, origin, type } = filter;
  const statuses = statusesOf(filter);
  if (isActionCode(record.type) || (direction ?? record.direction) !== record.direction) return false;
  const message = messageOf(record);
  const isOutgoing = record.direction === "outgoing";
  if (statuses !== undefined && !(isOutgoing && statuses.includes(message.status))) return false;
  if (origin !== undefined && !(isOutgoing && message.origin === origin)) return false;
  if (type !== undefined && message.type !== type) return false;
  return isWithin(record, filter);
}

function add(counts: Map<Counter, number>, counter: Counter, by: number): void {
  counts.set(counter, (counts.get(counter) ?? 0) + by);
}

function nonZero(counts: ReadonlyMap<Counter, number>): ReadonlyMap<Counter, number> {
  return new Map([...counts].filter(([, count]) => count !== 0));
}
