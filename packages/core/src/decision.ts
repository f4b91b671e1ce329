import { contributionOf, contributionOfStanding, moveCounts, newContribution } from "./counters/contribution.ts";
import type { CounterChanges } from "./counters/counter-changes.ts";
import type { FailureDetail } from "./messages/failure-order.ts";
import type { MessageEvent } from "./messages/message-event.ts";
import { hasSlot, RULE, slotOf, takeAttributes, takeMoment, type MessageRecord } from "./messages/message-record.ts";
import { isFailure, RANK_DELIVERED, statusCode, type Outcome } from "./messages/message-status.ts";
import { recipientOf, takeRecipient, type KeyedHash } from "./messages/recipients.ts";
import { standingOf, type Standing } from "./messages/standing.ts";
import { transitionOf, type Transition } from "./transition.ts";

/**
 * Add one event to what is known of its message.
 * @param standing of the record before the event; overwritten with the one after
 */
export function applyEvent(record: MessageRecord, event: MessageEvent, standing: Standing, hash: KeyedHash): Outcome {
  const { isKnown, chatId } = record;
  const { status } = standing;
  const recipient = recipientOf(event);
  const slot = slotOf(event, recipient !== undefined);
  // One failure is enough, no matter which recipient it names.
  const wasReported = hasSlot(record, slot) || ("reason" in event && record.failures.some(isReported));
  record.isKnown = true;
  const isOther = takeAttributes(record, event);
  takeRecipient(record, event, recipient, chatId, hash);
  takeMoment(record, slot, event);
  standingOf(record, standing);
  if (!isKnown) return "created";
  if (isOther || status !== standing.status) return "advanced";
  if (standing.isContradicted && isProofOrFailure(event)) return "contradiction";
  return wasReported ? "duplicate" : "late";
}

/**
 * Decides about messages one after the other: {@link begin} with the record as stored, change it, {@link end}. A store has one for all its
 * messages, because its buffers cost more to create than to use.
 */
export class Decision {
  readonly #before = newContribution();
  readonly #after = newContribution();
  /** Where the message stands while events are applied. */
  readonly #standing = this.#after.standing;
  /** When the message failed, Unix seconds, before and after; `undefined` if it had not. */
  failedBefore: number | undefined;
  failedAfter: number | undefined;
  #isStanding = false;

  /** The code of the message's status, after {@link end}. */
  get status(): number {
    return this.#standing.status;
  }

  begin(record: MessageRecord): void {
    contributionOf(record, this.#before);
    this.#standing.status = this.#before.standing.status;
    this.#isStanding = false;
  }

  /** Apply an event to the record. */
  apply(record: MessageRecord, event: MessageEvent, hash: KeyedHash, changes: CounterChanges): Outcome {
    const outcome = applyEvent(record, event, this.#standing, hash);
    this.#isStanding = true;
    if (event.kind === "status") changes.addOutcome(outcome);
    return outcome;
  }

  /** Move the counters by what the record contributes now minus what it contributed before. */
  end(record: MessageRecord, changes: CounterChanges): void {
    const before = this.#before;
    if (!this.#isStanding) standingOf(record, this.#standing);
    record.rule = RULE;
    const after = contributionOfStanding(record, this.#after);
    moveCounts(before, after, changes);
    this.failedBefore = before.isCounted && before.failureHour >= 0 ? before.standing.failureAt : undefined;
    this.failedAfter = after.isCounted && after.failureHour >= 0 ? after.standing.failureAt : undefined;
  }

  /** The change of the message's status, after {@link end}; `undefined` if there is none. @param record as it ended */
  transition(record: MessageRecord): Transition | undefined {
    return transitionOf(this.#before, this.#after, record);
  }
}

/** Whether an event shows when a message was sent, for the time of an instance's last message. */
export function movesLastMessage(event: MessageEvent): boolean {
  return event.kind === "observation" || event.status === "sent" || isFailure(event.status);
}

function isReported(failure: FailureDetail | undefined): boolean {
  return failure !== undefined;
}

function isProofOrFailure(event: MessageEvent): boolean {
  return event.kind === "status" && (isFailure(event.status) || statusCode(event.status) >= RANK_DELIVERED);
}
