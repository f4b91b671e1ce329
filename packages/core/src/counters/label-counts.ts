import type { Contribution } from "./contribution.ts";
import type { CounterChanges } from "./counter-changes.ts";
import { failureSlot, messagesSlot, reachedSlot } from "./counters.ts";
import { DIRECTIONS } from "../messages/message-event.ts";
import { PROGRESS, RANK_SENT } from "../messages/message-status.ts";
import { shiftedInSlot, shiftedOutSlot, TIMED_SLOTS_MAX } from "./timed-slots.ts";

/**
 * A label's counts use the slots of an instance's counts: messages, reached statuses, and failures. Origins are not distinguished: all
 * count as the first.
 */
const ANY_ORIGIN = 0;
/** Stands in place of a label's number for ids that were labelled and not seen yet, by the first hour of the day they were labelled on. */
export const LABEL_WAITING = 0;
export const SLOT_WAITING = 0;

/**
 * Added to a slot: the part of its count from messages that also have a label of a lower number. Summing all labels without that part
 * counts each labelled message once, so the remainder has no label.
 */
export const SLOT_SHARED = TIMED_SLOTS_MAX;
/** Upper bound of the slots of a label's counts. */
export const LABEL_SLOTS_MAX = 2 * TIMED_SLOTS_MAX;

/** Subtract what a message contributed to the counts of its labels, and add what it contributes now. */
export function moveLabelCounts(before: Contribution, after: Contribution, changes: CounterChanges): void {
  countLabels(before, -1, changes);
  countLabels(after, 1, changes);
}

function countLabels(counted: Contribution, by: number, changes: CounterChanges): void {
  const { labels } = counted;
  if (labels.length === 0) return;
  if (!counted.isCounted) {
    changes.addLabelled(LABEL_WAITING, SLOT_WAITING, 24 * counted.waitingDay, by);
    return;
  }
  for (let place = 0; place < labels.length; place++)
    countLabel(counted, labels[place] ?? LABEL_WAITING, place > 0, by, changes);
}

function countLabel(
  counted: Contribution,
  label: number,
  isShared: boolean,
  by: number,
  changes: CounterChanges,
): void {
  const { hour, reachedHours, failureHour } = counted;
  const add = (slot: number, at: number) => {
    changes.addLabelled(label, slot, at, by);
    if (isShared) changes.addLabelled(label, SLOT_SHARED + slot, at, by);
  };
  const addReached = (slot: number, at: number) => {
    add(slot, at);
    if (at === hour) return;
    add(shiftedOutSlot(slot), at);
    add(shiftedInSlot(slot), hour);
  };
  add(labelMessagesSlot(), hour);
  for (let rank = RANK_SENT; rank < PROGRESS.length; rank++) {
    const at = reachedHours[rank] ?? -1;
    if (at >= 0) addReached(labelReachedSlot(rank), at);
  }
  const { failure } = counted.standing;
  if (failureHour < 0 || failure === undefined) return;
  addReached(labelReachedSlot(failure.status), failureHour);
  addReached(failureSlot(failure.status, failure.reason), failureHour);
}

/** Outgoing messages with a label. */
export function labelMessagesSlot(): number {
  return messagesSlot(DIRECTIONS.indexOf("outgoing"), ANY_ORIGIN);
}

/** @param status a code of `statusCode` */
export function labelReachedSlot(status: number): number {
  return reachedSlot(ANY_ORIGIN, status);
}
