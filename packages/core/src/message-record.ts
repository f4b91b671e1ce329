import { preferredChatId } from "./chat-id.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { Direction, MessageEvent, Moment, Origin } from "./message-event.ts";
import {
  PROGRESS,
  rankOf,
  transition,
  type Failure,
  type Outcome,
  type Progress,
  type StatusState,
} from "./message-status.ts";
import { recipientsAfter, type Recipient } from "./recipients.ts";
import { contentTypeCode, type ContentType } from "./message-type.ts";

/** A failure a message was told of. It is the message's status only if `state.failure` says so; else it was contradicted. */
export interface SeenFailure extends Moment {
  readonly status: Failure;
  readonly reason: FailureReason;
  readonly description?: string;
}

/** All that is kept of one message. Times are the earliest of each status; none of it depends on the order of events. */
export interface MessageRecord {
  readonly direction: Direction;
  readonly idMessage: string;
  readonly chatId?: string;
  readonly origin: Origin;
  readonly type: ContentType;
  readonly state: StatusState;
  /** A failure met proof of delivery, in either order. */
  readonly contradicted: boolean;
  readonly observed?: Moment;
  readonly seen: Readonly<Partial<Record<Progress, Moment>>>;
  readonly failure?: SeenFailure;
  /** Only of a message that has several. */
  readonly recipients?: readonly Recipient[];
}

export interface Applied {
  readonly record: MessageRecord;
  readonly outcome: Exclude<Outcome, "ignored">;
}

/** Apply one event to what is known of its message. An observation acts as the status `pending`. */
export function applyEvent(record: MessageRecord | undefined, event: MessageEvent): Applied {
  const { state, outcome } = transition(record?.state, event.kind === "status" ? event.status : "pending");
  const base: MessageRecord = record ?? {
    direction: directionOf(event),
    idMessage: event.idMessage,
    origin: "unknown",
    type: "unknown",
    state,
    contradicted: false,
    seen: {},
  };
  const known = withAttributes(base, event);
  const contradicted = base.contradicted || outcome === "contradiction";
  const recipients = recipientsAfter({ chatId: base.chatId, recipients: base.recipients, told: toldOf(base) }, event);
  const several = recipients === undefined ? {} : { recipients };
  return { record: withMoment({ ...known, ...several, state, contradicted }, event), outcome };
}

/** Where the statuses told so far leave a message, and since when. */
function toldOf({ state, seen, failure }: MessageRecord) {
  const at = state.failure === undefined ? seen[state.reached]?.at : failure?.at;
  return at === undefined ? undefined : { state, at };
}

/** A message to oneself is sent and received under one id: two messages, so the direction is part of the key. */
export function directionOf(event: MessageEvent): Direction {
  return event.kind === "observation" ? event.direction : "outgoing";
}

/** When a message happened: the earliest time any event gave, Unix seconds. */
export function messageTime(record: MessageRecord): number {
  return Math.min(...[record.observed, record.failure, ...Object.values(record.seen)].map((m) => m?.at ?? Infinity));
}

/** When something was last told of a message: the latest of its times, Unix seconds. */
export function lastTold({ observed, failure, seen }: MessageRecord): number {
  return Math.max(...[observed, failure, ...Object.values(seen)].map((moment) => moment?.at ?? 0));
}

/**
 * When a rank was reached: as told, or for one that was skipped the earliest time of the ranks above it.
 * @returns `undefined` where the rank was not reached
 */
export function reachedTime(record: MessageRecord, progress: Progress): number | undefined {
  const told = record.seen[progress]?.at;
  const { reached } = record.state;
  if (rankOf(progress) > rankOf(reached)) return undefined;
  if (told !== undefined) return told;
  const above = PROGRESS.slice(rankOf(progress) + 1, rankOf(reached) + 1).map((p) => record.seen[p]?.at ?? Infinity);
  const earliest = Math.min(...above);
  return Number.isFinite(earliest) ? earliest : undefined;
}

function withAttributes(record: MessageRecord, event: MessageEvent): MessageRecord {
  const type = event.kind === "observation" ? lowerType(record.type, event.type) : record.type;
  const origin = firmerOrigin(record.origin, event.origin);
  const chatId =
    record.chatId !== undefined && event.chatId !== undefined
      ? preferredChatId(record.chatId, event.chatId)
      : (record.chatId ?? event.chatId);
  return { ...record, type, origin, ...(chatId === undefined ? {} : { chatId }) };
}

function withMoment(record: MessageRecord, event: MessageEvent): MessageRecord {
  const { at, receivedAt } = event;
  if (event.kind === "observation") return { ...record, observed: earliest(record.observed, { at, receivedAt }) };
  if (!("reason" in event)) {
    const moment = earliest(record.seen[event.status], { at, receivedAt });
    return { ...record, seen: { ...record.seen, [event.status]: moment } };
  }
  const { failure } = record;
  if (failure === undefined) {
    const { status, reason, description } = event;
    const told = description === undefined ? {} : { description };
    return { ...record, failure: { status, reason, at, receivedAt, ...told } };
  }
  // The gateway may send two failures for one message: the first one's word, reason and text stand.
  if (failure.status !== event.status) return record;
  return { ...record, failure: { ...failure, ...earliest(failure, { at, receivedAt }) } };
}

function earliest(a: Moment | undefined, b: Moment): Moment {
  if (a === undefined) return b;
  return { at: Math.min(a.at, b.at), receivedAt: Math.min(a.receivedAt, b.receivedAt) };
}

function lowerType(a: ContentType, b: ContentType): ContentType {
  return contentTypeCode(a) <= contentTypeCode(b) ? a : b;
}

/** `api` stands over `phone`: a message sent through the API may be shown by the phone as well, not the other way round. */
function firmerOrigin(a: Origin, b: Origin): Origin {
  if (a === "api" || b === "api") return "api";
  return a === "unknown" ? b : a;
}
