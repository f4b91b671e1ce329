import { chatKind, forgottenChatId, type ChatKind } from "../chat-id.ts";
import { InvalidCursorError } from "../errors.ts";
import { contribution, hourOf, isGrowing, type Contribution, type Counter } from "../contribution.ts";
import { latencyBucket, newLatencies } from "../latency.ts";
import { isWithin } from "../message-filter.ts";
import type { Direction, InstanceEvent, MessageEvent, StateEvent } from "../message-event.ts";
import { applyEvent, directionOf, messageTime, type MessageRecord } from "../message-record.ts";
import { currentStatus, type Outcome } from "../message-status.ts";
import { isAction } from "../message-type.ts";
import type {
  ChatEraser,
  CountsReader,
  ForgottenChat,
  InstanceEvents,
  InstanceId,
  InstanceSettings,
  InstanceState,
  InstanceSummary,
  InstanceTotals,
  MessageFilter,
  MessageLister,
  MessagePage,
  MessageQuery,
  MessageReader,
  MessageStore,
  SettingsStore,
} from "../ports.ts";

interface Instance {
  readonly records: Map<string, MessageRecord>;
  readonly counts: Map<Counter, number>;
  readonly retracted: Map<Counter, number>;
  readonly hours: Map<number, Map<Counter, number>>;
  /** How many messages each chat has. */
  readonly chats: Map<string, number>;
  /** Keys of the messages that were told to have failed, in that order. */
  readonly failed: string[];
  settings: InstanceSettings;
  first?: number;
  last?: number;
  heard?: number;
  state?: InstanceState;
}

/** The specification: runs the rules of core in plain maps. Keeps records for ever. */
export class MemoryMessageStore
  implements MessageStore, MessageReader, MessageLister, CountsReader, SettingsStore, ChatEraser
{
  readonly #instances = new Map<InstanceId, Instance>();

  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    return Promise.resolve(batches.map(({ instance, events }) => applyAll(this.#instance(instance), events)));
  }

  async message(id: InstanceId, idMessage: string, direction: Direction) {
    return Promise.resolve(this.#instance(id).records.get(keyOf(direction, idMessage)));
  }

  async list(id: InstanceId, { filter, limit, cursor = "0" }: MessageQuery): Promise<MessagePage> {
    const all = [...this.#instance(id).records.values()];
    const skipped = Number(cursor);
    if (!Number.isInteger(skipped)) throw new InvalidCursorError("this is no cursor that a list of messages gave");
    // Counted from the first heard of, so that new ones do not move a page.
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
    const { failed, records } = this.#instance(id);
    const found = failed
      .slice(-50)
      .reverse()
      .flatMap((key) => records.get(key) ?? []);
    return Promise.resolve(found.filter(({ state, type }) => state.failure !== undefined && !isAction(type)));
  }

  async summaries(ids: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]> {
    return Promise.resolve(ids.map((id) => summaryOf(this.#instance(id), now)));
  }

  async totals(ids: readonly InstanceId[]): Promise<readonly InstanceTotals[]> {
    return Promise.resolve(ids.map((id) => totalsOf(this.#instance(id))));
  }

  async hours(id: InstanceId, fromHour: number, toHour: number) {
    const hours = [...this.#instance(id).hours].filter(([hour]) => hour >= fromHour && hour <= toHour);
    const counts = hours.map(([hour, counted]) => [hour, nonZero(counted)] as const);
    return Promise.resolve(new Map(counts.filter(([, counted]) => counted.size > 0)));
  }

  async changeSettings(id: InstanceId, settings: Partial<InstanceSettings>): Promise<void> {
    const instance = this.#instance(id);
    instance.settings = { ...instance.settings, ...settings };
    return Promise.resolve();
  }

  async settings(ids: readonly InstanceId[]): Promise<readonly InstanceSettings[]> {
    return Promise.resolve(ids.map((id) => this.#instance(id).settings));
  }

  async forgetChat(id: InstanceId, chatId: string): Promise<ForgottenChat> {
    const instance = this.#instance(id);
    let [messages, recipients] = [0, 0];
    for (const [key, record] of instance.records) {
      const isIn = record.chatId === chatId;
      const isOneOf = record.recipients?.some((recipient) => recipient.chatId === chatId) ?? false;
      messages += isIn ? 1 : 0;
      recipients += isOneOf ? 1 : 0;
      const chat = isIn ? { chatId: forgottenChatId(chatId) } : {};
      const others = record.recipients?.filter((recipient) => recipient.chatId !== chatId);
      instance.records.set(key, { ...record, ...chat, ...(others === undefined ? {} : { recipients: others }) });
    }
    instance.chats.delete(chatId);
    return Promise.resolve({ messages, recipients });
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
      hours: new Map(),
      chats: new Map(),
      failed: [],
      settings,
    };
    this.#instances.set(id, fresh);
    return fresh;
  }
}

function applyAll(instance: Instance, events: readonly InstanceEvent[]): readonly Outcome[] {
  const moved = new Map<Counter, number>();
  const outcomes = events.map((event) => applyTo(instance, event, moved));
  for (const [counter, by] of moved) {
    add(instance.counts, counter, by);
    if (by < 0 && isGrowing(counter)) add(instance.retracted, counter, -by);
  }
  return outcomes;
}

function applyTo(instance: Instance, event: InstanceEvent, moved: Map<Counter, number>): Outcome {
  instance.heard = Math.max(instance.heard ?? 0, event.receivedAt);
  if (event.kind === "signal") return "ignored";
  if (event.kind === "state") return applyState(instance, event);
  const outcome = applyMessage(instance, event, moved);
  if (event.kind === "status") add(moved, `outcomes/${outcome}`, 1);
  return outcome;
}

function applyMessage(instance: Instance, event: MessageEvent, moved: Map<Counter, number>): Outcome {
  const { chatId } = event;
  const kind = chatId === undefined ? undefined : chatKind(chatId);
  if (kind === "group" && instance.settings.ignoreGroupMessages) return "ignored";
  const key = keyOf(directionOf(event), event.idMessage);
  const before = instance.records.get(key);
  const { record, outcome } = applyEvent(before, event);
  instance.records.set(key, record);
  if (before?.failure === undefined && record.failure !== undefined) instance.failed.push(key);
  for (const counted of before === undefined ? [] : contribution(before)) move(instance, counted, -1, moved);
  for (const counted of contribution(record)) move(instance, counted, 1, moved);
  for (const { stage, seconds } of newLatencies(before, record)) {
    add(moved, `latency/${stage}/${latencyBucket(seconds)}`, 1);
    add(moved, `latency/${stage}/sum`, seconds);
  }
  // Of actions too: whether a message is one may come to be known only later, and the order must not matter.
  instance.first = Math.min(instance.first ?? Infinity, messageTime(record));
  if (isAction(record.type)) return outcome;
  if (outcome === "created" || event.kind === "observation") instance.last = Math.max(instance.last ?? 0, event.at);
  return outcome;
}

/** The newest word stands; of two in the same second, the one applied last. */
function applyState(instance: Instance, { state, at }: StateEvent): Outcome {
  const current = instance.state;
  if (current !== undefined && at < current.at) return "late";
  instance.state = { state, at };
  if (current === undefined) return "created";
  return at === current.at && state === current.state ? "duplicate" : "advanced";
}

function move(instance: Instance, counted: Contribution, by: number, moved: Map<Counter, number>): void {
  add(moved, counted.counter, by);
  if ("chatId" in counted && counted.chatId !== undefined) {
    instance.chats.set(counted.chatId, (instance.chats.get(counted.chatId) ?? 0) + by);
  }
  if (!("hour" in counted)) return;
  const hour = instance.hours.get(counted.hour) ?? new Map<Counter, number>();
  instance.hours.set(counted.hour, hour);
  add(hour, counted.counter, by);
}

function totalsOf({ counts, retracted, heard, state }: Instance): InstanceTotals {
  return {
    counts: nonZero(counts),
    retracted: nonZero(retracted),
    ...(heard === undefined ? {} : { lastWebhookAt: heard }),
    ...(state === undefined ? {} : { state }),
  };
}

function summaryOf(instance: Instance, now: number): InstanceSummary {
  const { first, last } = instance;
  const chats = [...instance.chats].filter(([, messages]) => messages > 0).map(([chatId]) => chatId);
  const uniqueOf = (kind: ChatKind) => chats.filter((chatId) => chatKind(chatId) === kind).length;
  return {
    ...totalsOf(instance),
    uniqueChats: {
      individual: uniqueOf("individual"),
      group: uniqueOf("group"),
      channel: uniqueOf("channel"),
      status: uniqueOf("status"),
    },
    messagesLast7Days: messagesSince(instance, hourOf(now / 1000) - 7 * 24),
    messagesLast30Days: messagesSince(instance, hourOf(now / 1000) - 30 * 24),
    ...(first === undefined ? {} : { firstMessageAt: first }),
    ...(last === undefined ? {} : { lastMessageAt: last }),
  };
}

function messagesSince(instance: Instance, fromHour: number): number {
  const hours = [...instance.hours].filter(([hour]) => hour >= fromHour);
  const messages = hours.flatMap(([, counts]) => [...counts].filter(([counter]) => counter.startsWith("messages/")));
  return messages.reduce((sum, [, count]) => sum + count, 0);
}

function matches(record: MessageRecord, filter: MessageFilter): boolean {
  const { direction, statuses, origin } = filter;
  if (isAction(record.type) || (direction ?? record.direction) !== record.direction) return false;
  const isOutgoing = record.direction === "outgoing";
  if (statuses !== undefined && !(isOutgoing && statuses.includes(currentStatus(record.state)))) return false;
  if (origin !== undefined && !(isOutgoing && record.origin === origin)) return false;
  return isWithin(record, filter);
}

function keyOf(direction: Direction, idMessage: string): string {
  return `${direction}/${idMessage}`;
}

function add(counts: Map<Counter, number>, counter: Counter, by: number): void {
  counts.set(counter, (counts.get(counter) ?? 0) + by);
}

function nonZero(counts: ReadonlyMap<Counter, number>): ReadonlyMap<Counter, number> {
  return new Map([...counts].filter(([, count]) => count !== 0));
}
