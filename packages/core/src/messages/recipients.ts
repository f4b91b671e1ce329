import { CHAT_KIND_INDIVIDUAL, forgottenRecipientId, isForgottenChatId, mayBeOnePerson } from "../chats/chat-id.ts";
import { chatKindOf, type FailureEvent, type MessageEvent, type ProgressEvent } from "./message-event.ts";
import {
  hasSlot,
  RECIPIENTS_MANY,
  RECIPIENTS_NONE,
  RECIPIENTS_ONE,
  SLOT_FAILURE_NAMED,
  SLOT_OBSERVED,
  SLOT_RANKS,
  type MessageRecord,
} from "./message-record.ts";
import { PROGRESS, RANK_DELIVERED, statusCode } from "./message-status.ts";

/** How many recipients of one message are kept. Of more, those with the lowest hash are kept. */
export const RECIPIENTS_MAX = 1_000;

/** The statuses of one recipient: the earliest time of each rank, and the earliest failure. */
export interface RecipientTimes {
  /** Which ranks were reported, one bit each. */
  ranks: number;
  /** By rank, Unix seconds. */
  readonly at: number[];
  /** A code of `MESSAGE_STATUSES`; 0 for none. */
  failure: number;
  failureAt: number;
  /** Its {@link KeyedHash}, computed when first needed. */
  hash: number | undefined;
}

/** By chat id. {@link UNNAMED} holds statuses that name no recipient, and those of recipients beyond the limit. */
export type Recipients = Map<string, RecipientTimes>;
export const UNNAMED = "";

/** A hash that senders cannot predict. It decides which recipients are kept when there are too many. */
export type KeyedHash = (text: string) => number;

/** A recipient is an individual chat that a status named. */
export function recipientOf(event: MessageEvent): string | undefined {
  if (event.kind !== "status") return undefined;
  return event.recipientId ?? (chatKindOf(event) === "individual" ? event.chatId : undefined);
}

/**
 * Keep each recipient's own statuses. Nearly every message has one recipient, which is its chat: then the record's own times are enough
 * ({@link RECIPIENTS_ONE}), and nothing more is kept. Call it after applying an event's attributes and before applying its time.
 * @param chatId of {@link recipientOf}
 * @param chatBefore the message's chat before the event
 */
export function takeRecipient(
  record: MessageRecord,
  event: MessageEvent,
  chatId: string | undefined,
  chatBefore: string,
  hash: KeyedHash,
): void {
  if (record.recipientsKept === RECIPIENTS_ONE && record.chatId !== chatBefore) tellApart(record, chatBefore);
  if (event.kind !== "status") return;
  if (record.recipientsKept === RECIPIENTS_NONE) {
    if (chatId === undefined) return;
    const hasStatuses = (record.slots & ~(1 << SLOT_OBSERVED)) !== 0;
    if (!hasStatuses && isOnlyRecipient(record, chatId)) record.recipientsKept = RECIPIENTS_ONE;
    else tellApart(record, UNNAMED);
  } else if (record.recipientsKept === RECIPIENTS_ONE && !(chatId !== undefined && isOnlyRecipient(record, chatId))) {
    tellApart(record, record.chatId);
  }
  const { recipients } = record;
  if (recipients === undefined) return;
  if (chatId === undefined) {
    if (!("reason" in event)) takeRank(timesOf(recipients, UNNAMED), statusCode(event.status), event.at);
  } else takeStatus(record.chatId, recipients, chatId, event, hash);
}

/** A forgotten chat stays the message's only recipient, whichever recipient later statuses name. */
function isOnlyRecipient({ chatId: chat, chatKind }: MessageRecord, chatId: string): boolean {
  return chat === chatId || (chatKind === CHAT_KIND_INDIVIDUAL && isForgottenChatId(chat));
}

/** From now on keep recipients apart. The record's times so far belong to `chatId`. */
function tellApart(record: MessageRecord, chatId: string): void {
  const recipients: Recipients = new Map();
  record.recipientsKept = RECIPIENTS_MANY;
  record.recipients = recipients;
  for (let rank = 0; rank < PROGRESS.length; rank++) {
    const slot = SLOT_RANKS + rank;
    if (hasSlot(record, slot)) takeRank(timesOf(recipients, chatId), rank, record.at[slot] ?? 0);
  }
  // One that names no recipient has a slot of its own.
  const [failure] = record.failures;
  if (chatId === UNNAMED || failure === undefined) return;
  takeFailure(timesOf(recipients, chatId), failure.status, record.at[SLOT_FAILURE_NAMED] ?? 0);
}

function takeStatus(
  chat: string,
  recipients: Recipients,
  chatId: string,
  event: ProgressEvent | FailureEvent,
  hash: KeyedHash,
): void {
  const code = statusCode(event.status);
  const holder = holderOf(chat, recipients, chatId, code, event, hash);
  if (holder === undefined) return;
  if (!("reason" in event)) takeRank(holder, code, event.at);
  else if (holder !== recipients.get(UNNAMED)) takeFailure(holder, code, event.at);
}

/**
 * Where a recipient's status is kept: under its own id, if it is one of those kept. After a recipient was forgotten, an unknown one may be
 * the same person and must not come back under its id.
 * @returns `undefined` if a forgotten recipient already has the same status
 */
function holderOf(
  chat: string,
  recipients: Recipients,
  chatId: string,
  code: number,
  event: ProgressEvent | FailureEvent,
  hash: KeyedHash,
): RecipientTimes | undefined {
  const known = recipients.get(chatId);
  if (known !== undefined) return known;
  let forgotten: RecipientTimes | undefined;
  for (const [id, times] of recipients) {
    if (!isForgottenChatId(id)) continue;
    if (says(times, code, event)) return undefined;
    forgotten ??= times;
  }
  if (forgotten !== undefined) return forgotten;
  if (isForgottenChatId(chat)) return timesOf(recipients, forgottenRecipientId(chatId, 0));
  if (recipients.size < RECIPIENTS_MAX) return timesOf(recipients, chatId);
  return lowestKept(recipients, chatId, hash);
}

function says({ ranks, at, failure, failureAt }: RecipientTimes, code: number, event: MessageEvent): boolean {
  if ("reason" in event) return failure !== 0 && failureAt <= event.at;
  return (ranks & (1 << code)) !== 0 && (at[code] ?? Infinity) <= event.at;
}

/** Make room for a recipient, or find that it is one too many: then its statuses count as naming no recipient. */
function lowestKept(recipients: Recipients, chatId: string, hash: KeyedHash): RecipientTimes {
  const unnamed = timesOf(recipients, UNNAMED);
  const named = recipients.size - 1;
  if (named < RECIPIENTS_MAX) return timesOf(recipients, chatId);
  let [last, highest] = [chatId, hash(chatId)];
  for (const [id, times] of recipients) {
    const own = id === UNNAMED ? -1 : (times.hash ??= hash(id));
    if (own > highest || (own === highest && id > last)) [last, highest] = [id, own];
  }
  if (last === chatId) return unnamed;
  const dropped = recipients.get(last);
  recipients.delete(last);
  if (dropped !== undefined) {
    for (let rank = 0; rank < PROGRESS.length; rank++)
      if ((dropped.ranks & (1 << rank)) !== 0) takeRank(unnamed, rank, dropped.at[rank] ?? 0);
  }
  return timesOf(recipients, chatId);
}

function timesOf(recipients: Recipients, chatId: string): RecipientTimes {
  const known = recipients.get(chatId);
  if (known !== undefined) return known;
  const times = { ranks: 0, at: [0, 0, 0, 0, 0, 0], failure: 0, failureAt: 0, hash: undefined };
  recipients.set(chatId, times);
  return times;
}

function takeRank(times: RecipientTimes, rank: number, at: number): void {
  const bit = 1 << rank;
  if ((times.ranks & bit) === 0 || at < (times.at[rank] ?? Infinity)) times.at[rank] = at;
  times.ranks |= bit;
}

function takeFailure(times: RecipientTimes, status: number, at: number): void {
  if (times.failure !== 0 && (at > times.failureAt || (at === times.failureAt && status >= times.failure))) return;
  times.failure = status;
  times.failureAt = at;
}

/** When a recipient's statuses first prove that it got the message, Unix seconds; `Infinity` if none does. */
export function proofOf({ ranks, at }: RecipientTimes): number {
  let earliest = Infinity;
  for (let rank = RANK_DELIVERED; rank < PROGRESS.length; rank++)
    if ((ranks & (1 << rank)) !== 0) earliest = Math.min(earliest, at[rank] ?? Infinity);
  return earliest;
}

/** In the same second the failure wins, because it ends a message. */
export function hasFailed(times: RecipientTimes): boolean {
  return times.failure !== 0 && times.failureAt <= proofOf(times);
}

/**
 * The recipients that are distinguished, and what was reported without naming one. If only a phone number and a hidden number were named,
 * they may be one person and are merged.
 */
export function distinctRecipients(recipients: Recipients): Recipients {
  // This runs for each event, with up to a thousand recipients.
  if (recipients.size > 3) return recipients;
  const named = [...recipients.keys()].filter((chatId) => chatId !== UNNAMED);
  const [a, b] = named;
  if (a === undefined || b === undefined || named.length !== 2 || !mayBeOnePerson(a, b)) return recipients;
  const one: Recipients = new Map();
  for (const [chatId, times] of recipients) {
    const holder = timesOf(one, chatId === UNNAMED ? UNNAMED : a);
    for (let rank = 0; rank < PROGRESS.length; rank++)
      if ((times.ranks & (1 << rank)) !== 0) takeRank(holder, rank, times.at[rank] ?? 0);
    if (times.failure !== 0) takeFailure(holder, times.failure, times.failureAt);
  }
  return one;
}

/** Remove a forgotten recipient's id, and keep what is counted. @returns whether it was one of them */
export function forgetRecipient(record: MessageRecord, chatId: string): boolean {
  const times = record.recipients?.get(chatId);
  if (record.recipients === undefined || times === undefined) return false;
  record.recipients.delete(chatId);
  let place = 0;
  while (record.recipients.has(forgottenRecipientId(chatId, place))) place++;
  record.recipients.set(forgottenRecipientId(chatId, place), times);
  return true;
}
