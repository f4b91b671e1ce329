import { ORIGINS, type Direction, type Moment, type Origin } from "./message-event.ts";
import { FAILURE_REASONS, type FailureReason } from "./failure-reason.ts";
import { preferredFailure } from "./failure-order.ts";
import {
  hasSlot,
  lastEventTime,
  messageTime,
  SLOT_FAILURE_NAMED,
  SLOT_FAILURE_UNNAMED,
  SLOT_OBSERVED,
  SLOT_RANKS,
  timeOf,
  type MessageRecord,
} from "./message-record.ts";
import { PRICE_CATEGORIES, PRICE_TYPES, type Price } from "./message-price.ts";
import {
  isFailure,
  PROGRESS,
  statusOfCode,
  type Failure,
  type MessageStatus,
  type Progress,
} from "./message-status.ts";
import { contentTypeOfCode, type ContentType } from "./message-type.ts";
import { newStanding, recipientStanding, shownRecipients, standingOf } from "./standing.ts";

/** One of several recipients of a message, and the message's status for that recipient. */
export interface Recipient {
  readonly chatId: string;
  readonly status: MessageStatus;
  /** Since when it has this status, Unix seconds. */
  readonly at: number;
}

/** A failure that was reported. It is the message's status only if {@link Message.hasFailed}; otherwise a delivery contradicts it. */
export interface ReportedFailure extends Moment {
  readonly status: Failure;
  readonly reason: FailureReason;
  readonly description?: string;
  readonly code?: string;
}

/** What is known about one message, for readers. Times are the earliest reported for each status. */
export interface Message {
  readonly idMessage: string;
  readonly direction: Direction;
  readonly chatId?: string;
  readonly origin: Origin;
  readonly type: ContentType;
  /** When it happened: the earliest time any event gave, Unix seconds. */
  readonly at: number;
  /** The latest of its times, Unix seconds. */
  readonly lastEventAt: number;
  /** What the gateway charges it as, if reported. */
  readonly price?: Price;
  /** The status of an outgoing message. */
  readonly status: MessageStatus;
  readonly hasFailed: boolean;
  /** Both a failure and a proof of delivery were reported. */
  readonly contradicted: boolean;
  readonly observed?: Moment;
  readonly reported: Readonly<Partial<Record<Progress, Moment>>>;
  readonly failure?: ReportedFailure;
  /** Only if a message has several. */
  readonly recipients?: readonly Recipient[];
}

export function messageOf(record: MessageRecord): Message {
  const standing = standingOf(record, newStanding());
  const reported: Partial<Record<Progress, Moment>> = {};
  PROGRESS.forEach((progress, rank) => {
    if (hasSlot(record, SLOT_RANKS + rank)) reported[progress] = momentOf(record, SLOT_RANKS + rank);
  });
  const failure = shownFailure(record, standing.failure === record.failures[1]);
  const recipients = shownRecipients(record)?.map(([chatId, times]) => {
    const { status, at } = recipientStanding(times);
    return { chatId, status: statusOfCode(status), at };
  });
  return {
    idMessage: record.idMessage,
    direction: record.direction,
    ...(record.chatId === "" ? {} : { chatId: record.chatId }),
    origin: ORIGINS[record.origin] ?? "unknown",
    type: contentTypeOfCode(record.type),
    at: messageTime(record),
    lastEventAt: lastEventTime(record),
    ...priceOf(record),
    status: statusOfCode(standing.status),
    hasFailed: standing.failure !== undefined,
    contradicted: standing.isContradicted,
    ...(hasSlot(record, SLOT_OBSERVED) ? { observed: momentOf(record, SLOT_OBSERVED) } : {}),
    reported,
    ...(failure === undefined ? {} : { failure }),
    ...(recipients === undefined ? {} : { recipients }),
  };
}

function priceOf({ priceCategory, priceType }: MessageRecord): { readonly price?: Price } {
  const [category, type] = [PRICE_CATEGORIES[priceCategory], PRICE_TYPES[priceType]];
  return category === undefined || type === undefined ? {} : { price: { category, type } };
}

function momentOf({ at, receivedAt }: MessageRecord, slot: number): Moment {
  return { at: at[slot] ?? 0, receivedAt: receivedAt[slot] ?? 0 };
}

/** The failure that counts; if none does, the earliest reported. */
function shownFailure(record: MessageRecord, isUnnamedOne: boolean): ReportedFailure | undefined {
  const [named, unnamed] = record.failures;
  if (named === undefined && unnamed === undefined) return undefined;
  const slot =
    unnamed !== undefined && (named === undefined || isUnnamedOne || isFirst(record))
      ? SLOT_FAILURE_UNNAMED
      : SLOT_FAILURE_NAMED;
  const detail = slot === SLOT_FAILURE_NAMED ? named : unnamed;
  if (detail === undefined) return undefined;
  const status = statusOfCode(detail.status);
  if (!isFailure(status)) return undefined;
  return {
    status,
    reason: FAILURE_REASONS[detail.reason] ?? "other",
    ...momentOf(record, slot),
    ...(detail.text === "" ? {} : { description: detail.text }),
    ...(detail.code === "" ? {} : { code: detail.code }),
  };
}

/** Whether the failure that names no recipient is the earlier of two. */
function isFirst(record: MessageRecord): boolean {
  const [named, unnamed] = record.failures;
  const [at, other] = [timeOf(record, SLOT_FAILURE_UNNAMED), timeOf(record, SLOT_FAILURE_NAMED)];
  if (at !== other || named === undefined || unnamed === undefined) return at < other;
  return preferredFailure(named, unnamed) === unnamed;
}
