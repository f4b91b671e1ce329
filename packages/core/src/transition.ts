import type { Contribution } from "./counters/contribution.ts";
import { FAILURE_REASONS, type FailureReason } from "./messages/failure-reason.ts";
import type { Direction } from "./messages/message-event.ts";
import { messageTime, type MessageRecord } from "./messages/message-record.ts";
import { statusOfCode, type MessageStatus } from "./messages/message-status.ts";

/** A message that is new, or whose status changed. */
export interface Transition {
  readonly idMessage: string;
  readonly direction: Direction;
  /** `null` for a new message, and for an incoming one, which has no status. */
  readonly before: MessageStatus | null;
  readonly after: MessageStatus | null;
  /** Since when it has this status, Unix seconds; without a status, when the message happened. */
  readonly at: number;
  /** Only for a failure. */
  readonly reason?: FailureReason | undefined;
}

/**
 * How a decision changed a message's status.
 * @param before and after: the record's contributions
 * @returns `undefined` if the status is the same, and for an action, which is not a message
 */
export function transitionOf(before: Contribution, after: Contribution, record: MessageRecord): Transition | undefined {
  if (!after.isCounted || after.isAction) return undefined;
  const { idMessage, direction } = record;
  const isNew = !before.isCounted || before.isAction;
  if (direction === "incoming")
    return isNew ? { idMessage, direction, before: null, after: null, at: messageTime(record) } : undefined;
  const { status, failure, failureAt, reportedAt } = after.standing;
  if (!isNew && before.standing.status === status) return undefined;
  const reported = reportedAt[status] ?? Infinity;
  return {
    idMessage,
    direction,
    before: isNew ? null : statusOfCode(before.standing.status),
    after: statusOfCode(status),
    at: failure === undefined ? (reported < Infinity ? reported : messageTime(record)) : failureAt,
    ...(failure === undefined ? {} : { reason: FAILURE_REASONS[failure.reason] ?? "other" }),
  };
}
