import { CHAT_KIND_NONE, chatKindCode, isPreferredChat } from "../chats/chat-id.ts";
import { failureCode, failureText, preferredFailure, type FailureDetail } from "./failure-order.ts";
import { FAILURE_REASONS } from "./failure-reason.ts";
import { NO_LABELS } from "../labels/labels.ts";
import { chatKindOf, ORIGINS, type Direction, type MessageEvent, type Origin } from "./message-event.ts";
import { PRICE_CATEGORIES, PRICE_NONE, PRICE_TYPES, preferredPriceCode, type Price } from "./message-price.ts";
import { PROGRESS, statusCode } from "./message-status.ts";
import { contentTypeCode, preferredTypeCode, TYPE_CODE_UNKNOWN } from "./message-type.ts";
import type { RecipientTimes, Recipients } from "./recipients.ts";

/** Slots of a record's times. They are stored: append only, which ranks do at the end. */
export const SLOT_OBSERVED = 0;
/** The earliest failure of a status that named its recipient, and of one that did not. */
export const SLOT_FAILURE_NAMED = 1;
export const SLOT_FAILURE_UNNAMED = 2;
/** The first rank's; the others follow. */
export const SLOT_RANKS = 3;
export const TIME_SLOTS = SLOT_RANKS + PROGRESS.length;

/** The version of the counting rule. It must be raised when a stored record would be counted differently. */
export const RULE = 3;

/** How the recipients of a message are kept, see `recipients.ts`. */
export const RECIPIENTS_NONE = 0;
export const RECIPIENTS_ONE = 1;
export const RECIPIENTS_MANY = 2;

/**
 * Everything that is kept of one message: what was reported, as numbers, and nothing derived from it (see `standing.ts`). Every field is a
 * function of the set of reported events, in any order. Mutable, because every webhook changes it.
 */
export interface MessageRecord {
  readonly idMessage: string;
  readonly direction: Direction;
  /** `false` until the first event. */
  isKnown: boolean;
  /** A place in `ORIGINS`. */
  origin: number;
  /** A code of `contentTypeCode`. */
  type: number;
  /** "" until an event names the chat. */
  chatId: string;
  /** A place in `CHAT_KINDS`; {@link CHAT_KIND_NONE} until an event names the chat. */
  chatKind: number;
  /** Which of the slots are set, one bit each. */
  slots: number;
  /** Slots whose time is when it was reported, not when it happened, one bit each. */
  untimed: number;
  /** Earliest event time of each slot that is set, Unix seconds. */
  readonly at: number[];
  /** Its receipt, the earliest at equal event times. */
  readonly receivedAt: number[];
  /** Places in `PRICE_CATEGORIES` and `PRICE_TYPES`; `PRICE_NONE` if the gateway reported none. */
  priceCategory: number;
  priceType: number;
  /** What was reported in the two failure slots, in their order. */
  readonly failures: (FailureDetail | undefined)[];
  /** {@link RECIPIENTS_NONE}, {@link RECIPIENTS_ONE} or {@link RECIPIENTS_MANY}. */
  recipientsKept: number;
  /** What each recipient's statuses say; only with {@link RECIPIENTS_MANY}. */
  recipients: Recipients | undefined;
  /** Numbers of its labels, ascending; see `withLabels`. Only outgoing messages, and ids that are not known yet, have any. */
  labels: readonly number[];
  /** When an id that is not known yet was labelled last, days since 1970. */
  waitingDay: number;
  /** The counting rule it was stored under; see `docs/changing-the-rules.md`. */
  rule: number;
  /** Its latencies were counted by an older version's rule: they are neither counted again nor taken back. */
  hasFrozenLatencies: boolean;
}

export function newRecord(direction: Direction, idMessage: string): MessageRecord {
  return {
    idMessage,
    direction,
    isKnown: false,
    origin: 0,
    type: TYPE_CODE_UNKNOWN,
    chatId: "",
    chatKind: CHAT_KIND_NONE,
    slots: 0,
    untimed: 0,
    at: new Array<number>(TIME_SLOTS).fill(0),
    receivedAt: new Array<number>(TIME_SLOTS).fill(0),
    priceCategory: PRICE_NONE,
    priceType: PRICE_NONE,
    failures: [undefined, undefined],
    recipientsKept: RECIPIENTS_NONE,
    recipients: undefined,
    labels: NO_LABELS,
    waitingDay: 0,
    rule: RULE,
    hasFrozenLatencies: false,
  };
}

/** Reset a record to that of an unknown message, to reuse it: creating one costs more than most of what is done with it. */
export function resetRecord(record: MutableKey, direction: Direction, idMessage: string): void {
  record.idMessage = idMessage;
  record.direction = direction;
  record.isKnown = false;
  record.origin = 0;
  record.type = TYPE_CODE_UNKNOWN;
  record.chatId = "";
  record.chatKind = CHAT_KIND_NONE;
  record.slots = 0;
  record.untimed = 0;
  record.priceCategory = record.priceType = PRICE_NONE;
  record.failures[0] = record.failures[1] = undefined;
  record.recipientsKept = RECIPIENTS_NONE;
  record.recipients = undefined;
  record.labels = NO_LABELS;
  record.waitingDay = 0;
  record.rule = RULE;
  record.hasFrozenLatencies = false;
}

/** A record to be reused for one message after the other. */
export type MutableKey = { -readonly [Field in keyof MessageRecord]: MessageRecord[Field] };

/** An independent copy, to try events on. */
export function copyOf(record: MessageRecord): MessageRecord {
  const recipients =
    record.recipients && new Map([...record.recipients].map(([id, times]) => [id, copyOfTimes(times)]));
  const { at, receivedAt, failures } = record;
  return { ...record, at: [...at], receivedAt: [...receivedAt], failures: [...failures], recipients };
}

/** A message to oneself is sent and received under one id, which makes two messages. So the direction is part of the key. */
export function directionOf(event: MessageEvent): Direction {
  return event.kind === "observation" ? event.direction : "outgoing";
}

export function hasSlot(record: MessageRecord, slot: number): boolean {
  return (record.slots & (1 << slot)) !== 0;
}

/** @returns Unix seconds, or `Infinity` for a slot that is not set */
export function timeOf(record: MessageRecord, slot: number): number {
  return hasSlot(record, slot) ? (record.at[slot] ?? Infinity) : Infinity;
}

/** When a message happened: the earliest time any event gave, Unix seconds. */
export function messageTime(record: MessageRecord): number {
  let earliest = Infinity;
  for (let slot = 0; slot < TIME_SLOTS; slot++) earliest = Math.min(earliest, timeOf(record, slot));
  return earliest;
}

/** When something was last reported of a message: the latest of its times, Unix seconds. */
export function lastEventTime(record: MessageRecord): number {
  let latest = 0;
  for (let slot = 0; slot < TIME_SLOTS; slot++)
    if (hasSlot(record, slot)) latest = Math.max(latest, record.at[slot] ?? 0);
  return latest;
}

/** Apply what an event says about the message as a whole. @returns whether something that is counted changed */
export function takeAttributes(record: MessageRecord, event: MessageEvent): boolean {
  const { origin, type, chatId, chatKind, priceCategory, priceType } = record;
  record.origin = preferredOrigin(origin, ORIGIN_CODES[event.origin]);
  if (event.kind === "observation") record.type = preferredTypeCode(type, contentTypeCode(event.type));
  else if (event.price !== undefined) takePrice(record, event.price);
  const reported = event.chatId ?? "";
  if (reported !== "") takeChat(record, reported, chatKindCode(chatKindOf(event) ?? "individual"));
  if (record.priceCategory !== priceCategory || record.priceType !== priceType) return true;
  return record.origin !== origin || record.type !== type || record.chatId !== chatId || record.chatKind !== chatKind;
}

/** The slot that an event's time belongs to. @param isNamed whether it names its recipient */
export function slotOf(event: MessageEvent, isNamed: boolean): number {
  if (event.kind === "observation") return SLOT_OBSERVED;
  if ("reason" in event) return isNamed ? SLOT_FAILURE_NAMED : SLOT_FAILURE_UNNAMED;
  return SLOT_RANKS + statusCode(event.status);
}

/** Keep the earliest event time of a slot, at equal times the earliest receipt; of failures in one second the one that comes first. */
export function takeMoment(record: MessageRecord, slot: number, event: MessageEvent): void {
  const { at, receivedAt, untimed = false } = event;
  const bit = 1 << slot;
  const isFirst = (record.slots & bit) === 0;
  const known = isFirst ? Infinity : (record.at[slot] ?? Infinity);
  if (at > known) return;
  const isEarlier = at < known;
  if (slot === SLOT_FAILURE_NAMED || slot === SLOT_FAILURE_UNNAMED)
    takeFailure(record, slot - SLOT_FAILURE_NAMED, event, isEarlier);
  const knownReceipt = record.receivedAt[slot] ?? 0;
  if (!isEarlier && receivedAt > knownReceipt) return;
  // At the same moment, an event with its own time says more than one without.
  const wasUntimed = (record.untimed & bit) !== 0;
  const isUntimed = isEarlier || receivedAt < knownReceipt ? untimed : wasUntimed && untimed;
  record.slots |= bit;
  record.untimed = isUntimed ? record.untimed | bit : record.untimed & ~bit;
  record.at[slot] = at;
  record.receivedAt[slot] = receivedAt;
}

function takeChat(record: MessageRecord, chatId: string, kind: number): void {
  if (chatId === record.chatId && kind === record.chatKind) return;
  if (record.chatId !== "" && !isPreferredChat(chatId, kind, record.chatId, record.chatKind)) return;
  record.chatId = chatId;
  record.chatKind = kind;
}

function takePrice(record: MessageRecord, { category, type }: Price): void {
  record.priceCategory = preferredPriceCode(record.priceCategory, PRICE_CATEGORIES.indexOf(category));
  record.priceType = preferredPriceCode(record.priceType, PRICE_TYPES.indexOf(type));
}

function copyOfTimes(times: RecipientTimes): RecipientTimes {
  return { ...times, at: [...times.at] };
}

const ORIGIN_CODES = Object.fromEntries(ORIGINS.map((origin, code) => [origin, code])) as Record<Origin, number>;
const [UNKNOWN, API] = [ORIGIN_CODES.unknown, ORIGIN_CODES.api];

/** `api` wins over `phone`: the phone may also report a message that was sent through the API, but not the other way round. */
function preferredOrigin(a: number, b: number): number {
  if (a === API || b === API) return API;
  return a === UNKNOWN ? b : a;
}

function takeFailure(record: MessageRecord, place: number, event: MessageEvent, isEarlier: boolean): void {
  if (!("reason" in event)) return;
  const { status, reason, description, code } = event;
  const detail = {
    status: statusCode(status),
    reason: FAILURE_REASONS.indexOf(reason),
    text: failureText(description),
    code: failureCode(code),
  };
  const known = isEarlier ? undefined : record.failures[place];
  record.failures[place] = known === undefined ? detail : preferredFailure(known, detail);
}
