import { lastEventTime, messageTime, type MessageRecord } from "./message-record.ts";
import type { Direction, Origin } from "./message-event.ts";
import { FAILURE_REASONS, type FailureReason } from "./failure-reason.ts";
import { isFailure, MESSAGE_STATUSES, type MessageStatus } from "./message-status.ts";
import type { ContentType } from "./message-type.ts";
import { newStanding, standingOf } from "./standing.ts";

/** Which messages a list contains. A condition that is not given matches all. */
export interface MessageFilter {
  readonly direction?: Direction;
  /** Where an outgoing message stands now. */
  readonly statuses?: readonly MessageStatus[];
  readonly origin?: Origin;
  readonly type?: ContentType;
  /** Why an outgoing message failed. A message that was delivered despite a failure did not fail. */
  readonly reason?: FailureReason;
  /** The message's own time (see `messageTime`), Unix seconds; `from` included, `to` not. */
  readonly from?: number;
  readonly to?: number;
  /** The number of one of its labels. */
  readonly label?: number;
  /** Nothing new was reported about it since this moment, Unix seconds. */
  readonly unchangedSince?: number;
}

/** The statuses that match a filter; a reason implies a failure. `undefined`: all. */
export function statusesOf({ statuses, reason }: MessageFilter): readonly MessageStatus[] | undefined {
  return reason === undefined ? statuses : (statuses ?? MESSAGE_STATUSES).filter(isFailure);
}

/** Check the conditions that need the whole record. Stores check the others themselves, before they read it. */
export function isWithin(record: MessageRecord, { from, to, unchangedSince, label, reason }: MessageFilter): boolean {
  if (label !== undefined && !record.labels.includes(label)) return false;
  if (reason !== undefined && !hasFailedFor(record, reason)) return false;
  const at = messageTime(record);
  if (at < (from ?? -Infinity) || at >= (to ?? Infinity)) return false;
  return unchangedSince === undefined || lastEventTime(record) <= unchangedSince;
}

function hasFailedFor(record: MessageRecord, reason: FailureReason): boolean {
  const { failure } = standingOf(record, newStanding());
  return failure !== undefined && FAILURE_REASONS[failure.reason] === reason;
}
