import type { ChatKind } from "../chats/chat-id.ts";
import { hourOf } from "../counters/contribution.ts";
import { DIRECTIONS, type InstanceEvent, type MessageEvent } from "../messages/message-event.ts";
import { messageOf, type Message } from "../messages/message.ts";
import type { MessageRecord } from "../messages/message-record.ts";
import type { Outcome } from "../messages/message-status.ts";
import type { CountsReader, InstanceSummary } from "../counters/counts-reader.ts";
import type { SettingsStore } from "../instances/instance-settings.ts";
import type { InstanceState, StateHistoryReader } from "../instances/state-history.ts";
import type { ChatEraser, MessageLister, MessageReader, MessageStore } from "../messages/message-store.ts";
import { COUNT_SOURCES } from "../counters/timed-slots.ts";
import { HISTORY_START } from "./histories.ts";

export type TestedStore = MessageStore &
  MessageReader &
  MessageLister &
  CountsReader &
  SettingsStore &
  StateHistoryReader &
  ChatEraser;

/** Everything a store can be asked about an instance, for comparing two of them. */
export interface Everything {
  /** Without the version of the chats, which shows when they changed and not what they are. */
  readonly summary: Omit<Partial<InstanceSummary>, "chatsVersion">;
  /** All counts by time, as `source time slot`. */
  readonly times: ReadonlyMap<string, number>;
  readonly messages: readonly (Message | undefined)[];
  /** The most recent failed messages. */
  readonly failures: readonly Message[];
  readonly stateReports: readonly InstanceState[];
}

export const NOW = (HISTORY_START + 5 * 86_400) * 1000;

/** Apply events of one instance. */
export async function applyTo(
  store: MessageStore,
  instance: string,
  events: readonly InstanceEvent[],
): Promise<readonly Outcome[]> {
  const [outcomes = []] = await store.apply([{ instance, events }]);
  return outcomes;
}

/** The records of all messages that events name, `undefined` where there is none. */
export async function recordsOf(
  store: MessageReader,
  instance: string,
  events: readonly InstanceEvent[],
): Promise<readonly (MessageRecord | undefined)[]> {
  const ids = new Set(events.flatMap((event) => ("idMessage" in event ? [event.idMessage] : [])));
  const keys = [...ids].sort().flatMap((id) => DIRECTIONS.map((direction) => ({ id, direction })));
  return Promise.all(keys.map(async ({ id, direction }) => store.message(instance, id, direction)));
}

export async function everything(
  store: TestedStore,
  instance: string,
  events: readonly InstanceEvent[],
): Promise<Everything> {
  const records = await recordsOf(store, instance, events);
  const failures = (await store.recentFailures(instance)).map(messageOf);
  const [read = {}] = await store.summaries([instance], NOW);
  const summary = { ...read };
  Reflect.deleteProperty(summary, "chatsVersion");
  const times = await timesOf(store, instance, hourOf(HISTORY_START) - 240, hourOf(NOW / 1000) + 240);
  const stateReports = await store.stateReports(instance);
  return { summary, times, messages: records.map((record) => record && messageOf(record)), failures, stateReports };
}

/** The counts by time in some hours and their days, as `source time slot`. */
export async function timesOf(
  store: Pick<CountsReader, "eachCount">,
  instance: string,
  fromHour: number,
  toHour: number,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const source of COUNT_SOURCES) {
    const [from, to] = source === "latencies" ? [fromHour / 24, toHour / 24].map(Math.floor) : [fromHour, toHour];
    await store.eachCount(instance, source, from ?? 0, to ?? 0, (time, slot, count) => {
      const key = `${source} ${String(time)} ${String(slot)}`;
      sums.set(key, (sums.get(key) ?? 0) + count);
    });
  }
  return new Map([...sums].filter(([, count]) => count !== 0).sort());
}

/** Two statuses of one message. */
export function sentAndDelivered(
  chatId = "79001234567@c.us",
  idMessage = "3EB0608D6A2901063D63",
  chatKind: ChatKind = "individual",
): [MessageEvent, MessageEvent] {
  const base = {
    kind: "status",
    idMessage,
    chatId,
    chatKind,
    origin: "api",
    receivedAt: HISTORY_START + 2,
  } as const;
  return [
    { ...base, status: "sent", at: HISTORY_START },
    { ...base, status: "delivered", at: HISTORY_START + 1 },
  ];
}
