import { chatKind, isForgottenChatId } from "./chat-id.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { LatencyStage } from "./latency.ts";
import type { Direction, KnownChatKind, Origin } from "./message-event.ts";
import { messageTime, reachedTime, type MessageRecord } from "./message-record.ts";
import {
  currentStatus,
  REACHED_PROGRESS,
  type Failure,
  type MessageStatus,
  type Outcome,
  type ReachedStatus,
} from "./message-status.ts";
import { isAction, type ActionType, type ContentType } from "./message-type.ts";

/** Roll-ups that are kept per hour as well as in total. */
export type HourlyCounter =
  `messages/${Direction}/${Origin}` | `reached/${Origin}/${ReachedStatus}` | `failures/${Failure}/${FailureReason}`;

/** Roll-ups that are a sum over messages: each message adds 1 to some of them. */
export type MessageCounter =
  | HourlyCounter
  | `types/${Direction}/${ContentType}`
  | `chats/${KnownChatKind}`
  | `status/${MessageStatus}`
  | `actions/${Direction}/${ActionType}`
  | "contradictions";

/** Everything that is counted for an instance; the last two count events and waits as they come. */
export type Counter = MessageCounter | `outcomes/${Outcome}` | `latency/${LatencyStage}/${number | "sum"}`;

export type Counts = ReadonlyMap<Counter, number>;

/**
 * One count of 1 that a message makes: with the hour (Unix seconds ÷ 3600, floored) it falls in where hours are kept, and
 * with the chat where different ones are told apart (a chat with a count above 0 is one of the unique chats).
 */
export type Contribution =
  | { readonly counter: MessageCounter; readonly chatId?: string }
  | { readonly counter: HourlyCounter; readonly hour: number };

/**
 * What one message adds to the counts of its instance: a pure function of its record. Every roll-up is the sum of these,
 * so applying an event moves the counts by contribution(after) − contribution(before), and all can be recomputed.
 */
export function contribution(record: MessageRecord): readonly Contribution[] {
  const { direction, origin, type, state } = record;
  if (isAction(type)) return [{ counter: `actions/${direction}/${type}` }];
  const counts: Contribution[] = [
    { counter: `messages/${direction}/${origin}`, hour: hourOf(messageTime(record)) },
    { counter: `types/${direction}/${type}` },
    record.chatId === undefined
      ? { counter: "chats/unknown" }
      : { counter: `chats/${chatKind(record.chatId)}`, ...uniqueChatOf(record.chatId) },
  ];
  if (direction === "incoming") return counts;
  counts.push({ counter: `status/${currentStatus(state)}` });
  for (const progress of REACHED_PROGRESS) {
    const at = reachedTime(record, progress);
    if (at !== undefined) counts.push({ counter: `reached/${origin}/${progress}`, hour: hourOf(at) });
  }
  if (state.failure !== undefined && record.failure !== undefined) {
    const hour = hourOf(record.failure.at);
    counts.push({ counter: `reached/${origin}/${state.failure}`, hour });
    counts.push({ counter: `failures/${state.failure}/${record.failure.reason}`, hour });
  }
  if (record.contradicted) counts.push({ counter: "contradictions" });
  return counts;
}

/** A chat that is forgotten is none of the unique ones. */
function uniqueChatOf(chatId: string): { readonly chatId?: string } {
  return isForgottenChatId(chatId) ? {} : { chatId };
}

/** Unix seconds → hours since 1970. */
export function hourOf(at: number): number {
  return Math.floor(at / 3600);
}

/** Whether Prometheus shows a counter as ever-growing: all per-message ones but those of what is still unknown. */
export function isGrowing(counter: Counter): boolean {
  if (counter.startsWith("messages/incoming/")) return true;
  return /^(messages|types|reached|failures)\//.test(counter) && !/\/unknown(\/|$)/.test(counter);
}
