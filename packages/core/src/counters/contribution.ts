import { CHAT_KIND_NONE, isForgottenChatId } from "../chats/chat-id.ts";
import { UNTIMED, type CounterChanges } from "./counter-changes.ts";
import {
  chatSlot,
  failureSlot,
  latencySlot,
  latencySumSlot,
  messagesSlot,
  priceCategorySlot,
  priceTypeSlot,
  reachedSlot,
  SLOT_CONTRADICTIONS,
  SLOT_STATUS,
  typeSlot,
} from "./counters.ts";
import { moveLabelCounts } from "./label-counts.ts";
import { NO_LABELS } from "../labels/labels.ts";
import { latencyBucket, LATENCY_STAGES } from "./latency.ts";
import { DIRECTIONS } from "../messages/message-event.ts";
import { hasSlot, messageTime, RULE, SLOT_RANKS, TIME_SLOTS, type MessageRecord } from "../messages/message-record.ts";
import { PRICE_NONE } from "../messages/message-price.ts";
import { PROGRESS, RANK_DELIVERED, RANK_READ, RANK_SENT } from "../messages/message-status.ts";
import { isActionCode } from "../messages/message-type.ts";
import { newStanding, standingOf, type Standing } from "../messages/standing.ts";
import {
  chatKindHourSlot,
  chatKindSentSlot,
  shiftedInSlot,
  shiftedOutSlot,
  typeHourSlot,
  typeSentSlot,
} from "./timed-slots.ts";

/**
 * What one message adds to the counts of its instance: a pure function of its record, so every roll-up is a sum over records and can be
 * recomputed from them. Applying events moves the counts by the contribution after them less the one before.
 */
export interface Contribution {
  /** `false`: nothing, for there is no message yet. */
  isCounted: boolean;
  /** The rule the record was counted by: what an older rule did not count is not taken back. */
  rule: number;
  isAction: boolean;
  /** A place in `DIRECTIONS`. */
  direction: number;
  origin: number;
  type: number;
  chatId: string;
  /** A place in `CHAT_KINDS`, or `CHAT_KIND_NONE`. */
  chatKind: number;
  /** Places in `PRICE_CATEGORIES` and `PRICE_TYPES`, or `PRICE_NONE`. */
  priceCategory: number;
  priceType: number;
  /** The hour of the message's own time, hours since 1970. */
  hour: number;
  /** Hours by rank, and of the failure; -1 for none. */
  readonly reachedHours: number[];
  failureHour: number;
  /** Seconds from event to receipt of each time slot, then of the two waits between ranks; -1 for none. */
  readonly waits: number[];
  /** The UTC day of the later time of each, in days since 1970; `UNTIMED` if it was counted without a day. */
  readonly waitDays: number[];
  /** Numbers of the labels that it is counted under. */
  labels: readonly number[];
  /** `waitingDay` of the record, for an id that has labels and no message yet. */
  waitingDay: number;
  readonly standing: Standing;
}

export function newContribution(): Contribution {
  return {
    isCounted: false,
    rule: RULE,
    isAction: false,
    direction: 0,
    origin: 0,
    type: 0,
    chatId: "",
    chatKind: CHAT_KIND_NONE,
    priceCategory: PRICE_NONE,
    priceType: PRICE_NONE,
    hour: 0,
    reachedHours: PROGRESS.map(() => -1),
    failureHour: -1,
    waits: Array.from({ length: WAITS }, () => -1),
    waitDays: Array.from({ length: WAITS }, () => UNTIMED),
    labels: NO_LABELS,
    waitingDay: 0,
    standing: newStanding(),
  };
}

/** Unix seconds → hours since 1970. */
export function hourOf(at: number): number {
  return Math.floor(at / 3600);
}

/** Work out what a message adds to the counts, from its record. @param into is overwritten, and returned */
export function contributionOf(record: MessageRecord, into: Contribution): Contribution {
  if (record.isKnown) standingOf(record, into.standing);
  return contributionOfStanding(record, into);
}

/** The same, for when `into.standing` is already worked out. */
export function contributionOfStanding(record: MessageRecord, into: Contribution): Contribution {
  const { standing } = into;
  into.isCounted = record.isKnown;
  into.rule = record.rule;
  into.labels = record.labels;
  if (!record.isKnown) {
    into.waitingDay = record.waitingDay;
    standing.status = 0;
    return into;
  }
  into.isAction = isActionCode(record.type);
  into.direction = DIRECTIONS.indexOf(record.direction);
  into.origin = record.origin;
  into.type = record.type;
  into.chatId = record.chatId;
  into.chatKind = record.chatKind;
  into.priceCategory = record.priceCategory;
  into.priceType = record.priceType;
  into.hour = hourOf(messageTime(record));
  const hasStatuses = record.direction === "outgoing" && !into.isAction;
  if (!hasStatuses) into.labels = NO_LABELS;
  for (let rank = RANK_SENT; rank < PROGRESS.length; rank++)
    into.reachedHours[rank] = hasStatuses ? hourOrNone(standing.reachedAt[rank] ?? Infinity) : -1;
  into.failureHour = hasStatuses && standing.failure !== undefined ? hourOf(standing.failureAt) : -1;
  takeWaits(record, hasStatuses, into);
  return into;
}

/** Add what a message contributes after a change, and subtract what it contributed before. */
export function moveCounts(before: Contribution, after: Contribution, changes: CounterChanges): void {
  if (before.labels.length > 0 || after.labels.length > 0) moveLabelCounts(before, after, changes);
  if (!before.isCounted && !after.isCounted) return;
  const isSame = before.isCounted && isSameMessage(before, after);
  if (!isSame || before.priceCategory !== after.priceCategory || before.priceType !== after.priceType) {
    countMessage(before, -1, changes);
    countMessage(after, 1, changes);
  }
  if (after.direction === OUTGOING) moveStatuses(before, after, isSame, changes);
  for (let wait = 0; wait < WAITS; wait++) {
    const was = before.isCounted ? (before.waits[wait] ?? -1) : -1;
    const is = after.waits[wait] ?? -1;
    const [dayWas, dayIs] = [before.waitDays[wait] ?? UNTIMED, after.waitDays[wait] ?? UNTIMED];
    if (was === is && (dayWas === dayIs || is < 0)) continue;
    countWait(wait, was, dayWas, -1, changes);
    countWait(wait, is, dayIs, 1, changes);
  }
}

/** Whether everything that the counts of reached statuses depend on is unchanged. */
function isSameMessage(a: Contribution, b: Contribution): boolean {
  return (
    a.type === b.type &&
    a.origin === b.origin &&
    a.hour === b.hour &&
    a.chatId === b.chatId &&
    a.chatKind === b.chatKind &&
    a.rule === b.rule
  );
}

const OUTGOING = DIRECTIONS.indexOf("outgoing");
/** Waits: from event to receipt for each time slot, then the other two stages. */
const [WAIT_TO_DELIVERED, WAIT_TO_READ, WAITS] = [TIME_SLOTS, TIME_SLOTS + 1, TIME_SLOTS + 2];
const [STAGE_DELIVERED, STAGE_READ, STAGE_RECEIPT] = (
  ["sent_to_delivered", "delivered_to_read", "event_to_receipt"] as const
).map((stage) => LATENCY_STAGES.indexOf(stage)) as [number, number, number];

/** The first rule that counts messages by type, by kind of chat and by the hour of their message, and latencies by day. */
const RULE_TIMED = 3;

function hourOrNone(at: number): number {
  return at === Infinity ? -1 : hourOf(at);
}

/** Clocks disagree: a wait below 0 counts as 0. */
function takeWaits(record: MessageRecord, hasStatuses: boolean, into: Contribution): void {
  for (let slot = 0; slot < TIME_SLOTS; slot++) {
    const isMeasured = hasSlot(record, slot) && isTimed(record, slot);
    takeWait(into, slot, isMeasured, record.at[slot] ?? 0, record.receivedAt[slot] ?? 0);
  }
  takeWaitBetween(record, hasStatuses, RANK_SENT, RANK_DELIVERED, WAIT_TO_DELIVERED, into);
  takeWaitBetween(record, hasStatuses, RANK_DELIVERED, RANK_READ, WAIT_TO_READ, into);
}

/** Only reported times of ranks that count as reached. */
function takeWaitBetween(
  record: MessageRecord,
  hasStatuses: boolean,
  from: number,
  to: number,
  wait: number,
  into: Contribution,
): void {
  const start = into.standing.reportedAt[from] ?? Infinity;
  const end = into.standing.reportedAt[to] ?? Infinity;
  const isMeasured =
    hasStatuses &&
    start !== Infinity &&
    end !== Infinity &&
    isTimedAt(record, SLOT_RANKS + from, start) &&
    isTimedAt(record, SLOT_RANKS + to, end);
  takeWait(into, wait, isMeasured, start, end);
}

function takeWait(
  { rule, waits, waitDays }: Contribution,
  wait: number,
  is: boolean,
  start: number,
  end: number,
): void {
  waits[wait] = is ? Math.max(0, end - start) : -1;
  waitDays[wait] = is && rule >= RULE_TIMED ? Math.floor(Math.max(start, end) / 86_400) : UNTIMED;
}

/** With several recipients the time that counts may be later than the record's. */
function isTimedAt(record: MessageRecord, slot: number, at: number): boolean {
  return record.at[slot] === at ? isTimed(record, slot) : !record.hasFrozenLatencies;
}

function isTimed(record: MessageRecord, slot: number): boolean {
  return (record.untimed & (1 << slot)) === 0 && !record.hasFrozenLatencies;
}

/** The part that rarely changes: only when more becomes known of the message. */
function countMessage(counted: Contribution, by: number, changes: CounterChanges): void {
  if (!counted.isCounted) return;
  const { direction, type, hour, chatId } = counted;
  changes.add(typeSlot(direction, type), by);
  if (counted.isAction) return;
  changes.addAt(messagesSlot(direction, counted.origin), hour, by);
  const { chatKind, priceCategory, priceType } = counted;
  changes.add(chatSlot(chatKind), by);
  if (counted.rule >= RULE_TIMED) {
    changes.addAt(typeHourSlot(direction, type), hour, by);
    changes.addAt(chatKindHourSlot(direction, chatKind), hour, by);
  }
  if (priceCategory !== PRICE_NONE) changes.add(priceCategorySlot(priceCategory), by);
  if (priceType !== PRICE_NONE) changes.add(priceTypeSlot(priceType), by);
  // A forgotten chat is not counted among the unique ones.
  if (chatId !== "" && !isForgottenChatId(chatId)) changes.addChat(chatId, chatKind, by);
}

/** Most events move one or two of a message's counts, so what is equal on both sides is skipped. */
function moveStatuses(before: Contribution, after: Contribution, isSame: boolean, changes: CounterChanges): void {
  const was = before.isCounted && !before.isAction;
  const is = !after.isAction;
  if (was !== is || before.standing.status !== after.standing.status) {
    if (was) changes.add(SLOT_STATUS + before.standing.status, -1);
    if (is) changes.add(SLOT_STATUS + after.standing.status, 1);
  }
  for (let rank = RANK_SENT; rank < PROGRESS.length; rank++) {
    const from = was ? (before.reachedHours[rank] ?? -1) : -1;
    const to = after.reachedHours[rank] ?? -1;
    if (from === to && isSame) continue;
    if (from >= 0) countRank(before, rank, from, -1, changes);
    if (to >= 0) countRank(after, rank, to, 1, changes);
  }
  if (was) countFailure(before, -1, changes);
  countFailure(after, 1, changes);
  if (was && before.standing.isContradicted) changes.add(SLOT_CONTRADICTIONS, -1);
  if (is && after.standing.isContradicted) changes.add(SLOT_CONTRADICTIONS, 1);
}

function countRank(counted: Contribution, rank: number, hour: number, by: number, changes: CounterChanges): void {
  countReached(counted, reachedSlot(counted.origin, rank), hour, by, changes);
  if (rank !== RANK_SENT || counted.rule < RULE_TIMED) return;
  countReached(counted, typeSentSlot(counted.type), hour, by, changes);
  countReached(counted, chatKindSentSlot(counted.chatKind), hour, by, changes);
}

function countFailure(counted: Contribution, by: number, changes: CounterChanges): void {
  const { failureHour, origin } = counted;
  const { failure } = counted.standing;
  if (failureHour < 0 || failure === undefined) return;
  countReached(counted, reachedSlot(origin, failure.status), failureHour, by, changes);
  countReached(counted, failureSlot(failure.status, failure.reason), failureHour, by, changes);
}

/** Counted by its own hour, and also by its message's hour if the two differ. */
function countReached(counted: Contribution, slot: number, hour: number, by: number, changes: CounterChanges): void {
  changes.addAt(slot, hour, by);
  if (hour === counted.hour || counted.rule < RULE_TIMED) return;
  changes.addAt(shiftedOutSlot(slot), hour, by);
  changes.addAt(shiftedInSlot(slot), counted.hour, by);
}

function countWait(wait: number, seconds: number, day: number, by: number, changes: CounterChanges): void {
  if (seconds < 0) return;
  const stage = wait === WAIT_TO_DELIVERED ? STAGE_DELIVERED : wait === WAIT_TO_READ ? STAGE_READ : STAGE_RECEIPT;
  changes.addAt(latencySlot(stage, latencyBucket(seconds)), day, by);
  if (seconds > 0) changes.addAt(latencySumSlot(stage), day, by * seconds);
}
