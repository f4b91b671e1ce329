import type { ChatKind } from "../chats/chat-id.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { Price } from "./message-price.ts";
import type { Progress, Failure } from "./message-status.ts";
import type { ContentType } from "./message-type.ts";

export const DIRECTIONS = ["incoming", "outgoing"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Who sent an outgoing message. The position is the stored code: append only. */
export const ORIGINS = ["unknown", "api", "phone"] as const;
export type Origin = (typeof ORIGINS)[number];

/** When something happened and when we received it. Both Unix seconds. */
export interface Moment {
  readonly at: number;
  readonly receivedAt: number;
  /**
   * `at` is when we learned of it, not when it happened: the gateway gave no time, or a journal repeated it later. No latency is measured
   * from it.
   */
  readonly untimed?: boolean | undefined;
}

/** Which message an event is about. */
interface OfMessage extends Moment {
  readonly idMessage: string;
  /** In the normalised form of its gateway's adapter. */
  readonly chatId?: string | undefined;
  /** The adapter states it whenever it names the chat: nothing else distinguishes a group from a person. */
  readonly chatKind?: ChatKind | undefined;
  /** The gateway's ids are unique only within a chat: messages of two chats are two, even with the same id. Only with a `chatId`. */
  readonly chatScoped?: true | undefined;
  readonly origin: Origin;
}

/** A webhook that shows that a message exists. The `origin` of an incoming message is `unknown` and is not counted. */
export interface Observation extends OfMessage {
  readonly kind: "observation";
  readonly direction: Direction;
  readonly type: ContentType;
}

interface StatusFields extends OfMessage {
  readonly kind: "status";
  /** Whose status this is, where the chat is a group and the gateway reports each member; in the form of `chatId`. */
  readonly recipientId?: string | undefined;
  /** If the gateway reports what it charges. */
  readonly price?: Price | undefined;
}

export interface ProgressEvent extends StatusFields {
  readonly status: Progress;
}

export interface FailureEvent extends StatusFields {
  readonly status: Failure;
  readonly reason: FailureReason;
  /** The gateway's own text. */
  readonly description?: string | undefined;
  /** The gateway's own error code, unchanged. Longer ones are cut to 64 bytes. */
  readonly code?: string | undefined;
}

export type MessageEvent = Observation | ProgressEvent | FailureEvent;

/** The kind of the chat that an event names, individual unless stated otherwise; `undefined` if it names none. */
export function chatKindOf({ chatId, chatKind: stated }: OfMessage): ChatKind | undefined {
  return chatId === undefined ? undefined : (stated ?? "individual");
}

/** The gateway's account changed its state, for example to `authorized`. */
export interface StateEvent extends Moment {
  readonly kind: "state";
  readonly state: string;
}

/** Any other webhook of an instance: it only shows that the instance is active. */
export interface SignalEvent {
  readonly kind: "signal";
  readonly receivedAt: number;
}

export type InstanceEvent = MessageEvent | StateEvent | SignalEvent;

/** A chat kind, or `unknown` while no event has named the chat. */
export type KnownChatKind = ChatKind | "unknown";

const FUTURE_SECONDS_MAX = 86_400;

/**
 * An event without a time, or with one more than a day ahead, counts at its receipt: clocks are wrong, and some senders use milliseconds.
 */
export function eventTime(timestamp: number | undefined, receivedAt: number): number {
  return isEventTime(timestamp, receivedAt) ? Math.floor(timestamp) : receivedAt;
}

/** Whether a gateway's timestamp says when an event happened. */
export function isEventTime(timestamp: number | undefined, receivedAt: number): timestamp is number {
  return timestamp !== undefined && timestamp >= 1 && timestamp <= receivedAt + FUTURE_SECONDS_MAX;
}
