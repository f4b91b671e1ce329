import { CHAT_KINDS } from "../chats/chat-id.ts";
import {
  chatSlot,
  COUNTER_OF_SLOT,
  SLOT_CHATS,
  SLOT_FAILURES,
  SLOT_LATENCY,
  SLOT_TYPES,
  SLOTS_MAX,
  typeSlot,
} from "./counters.ts";
import { DIRECTIONS } from "../messages/message-event.ts";

/**
 * Counts that are kept by time. Each source has its own keys, so a query reads only what it needs. All are by UTC hour except latencies,
 * which are by UTC day. The first three are by when something happened; `cohorts` moves what was reached to the hour of its message.
 */
export const COUNT_SOURCES = ["hours", "kinds", "cohorts", "latencies"] as const;
export type CountSource = (typeof COUNT_SOURCES)[number];

/** How long counts by time are kept. A change to an older one is dropped. */
export const COUNTS_KEPT_DAYS = 400;

/** @param now Unix seconds @returns the oldest hour whose counts are still kept */
export function firstKeptHour(now: number): number {
  return Math.floor(now / 3600) - 24 * COUNTS_KEPT_DAYS;
}

/** Upper bound of the slots of counts by time. Slots from {@link SLOT_KINDS} on are kept by time only and have no total. */
export const TIMED_SLOTS_MAX = 4096;
const SLOT_KINDS = 768;
/** Slots below it can be moved to the hour of their message. */
export const SHIFTED_MAX = 1024;
const SLOT_SHIFTED_IN = 2048;
const SLOT_SHIFTED_OUT = SLOT_SHIFTED_IN + SHIFTED_MAX;

const TYPES = typeSlot(1, 0) - typeSlot(0, 0);
const CHAT_KINDS_ROOM = 8;
const SLOT_TYPES_SENT = SLOT_KINDS + DIRECTIONS.length * TYPES;
const SLOT_CHAT_KINDS = SLOT_TYPES_SENT + TYPES;
const SLOT_CHAT_KINDS_SENT = SLOT_CHAT_KINDS + DIRECTIONS.length * CHAT_KINDS_ROOM;
const SLOT_KINDS_END = SLOT_CHAT_KINDS_SENT + CHAT_KINDS_ROOM;

const rooms: readonly (readonly [needed: number, there: number])[] = [
  [SLOTS_MAX, SLOT_KINDS],
  [SLOT_KINDS_END, SHIFTED_MAX],
  [CHAT_KINDS.length + 1, CHAT_KINDS_ROOM],
];
if (rooms.some(([needed, there]) => needed > there))
  throw new RangeError("timed-slots.ts has no room left: SLOT_KINDS, SHIFTED_MAX or CHAT_KINDS_ROOM is too small.");

/** Messages of a type by their own hour. @param direction a place in `DIRECTIONS` @param type a code of `contentTypeCode` */
export function typeHourSlot(direction: number, type: number): number {
  return typeSlot(direction, type) - SLOT_TYPES + SLOT_KINDS;
}

/** Outgoing messages of a type that reached `sent`. */
export function typeSentSlot(type: number): number {
  return typeSlot(0, type) - SLOT_TYPES + SLOT_TYPES_SENT;
}

/** Messages of a kind of chat by their own hour. @param kind a place in `CHAT_KINDS`, or -1 for a chat that is not known */
export function chatKindHourSlot(direction: number, kind: number): number {
  return SLOT_CHAT_KINDS + direction * CHAT_KINDS_ROOM + chatSlot(kind) - SLOT_CHATS;
}

/** Outgoing messages of a kind of chat that reached `sent`. */
export function chatKindSentSlot(kind: number): number {
  return SLOT_CHAT_KINDS_SENT + chatSlot(kind) - SLOT_CHATS;
}

/**
 * What a slot counts in another hour than that of its message: once by the hour of the message, once by its own. The count by the message's
 * hour is the slot's count, plus what is shifted in, minus what is shifted out. Most messages reach everything within one hour and cost
 * nothing here.
 */
export function shiftedInSlot(slot: number): number {
  return SLOT_SHIFTED_IN + slot;
}

export function shiftedOutSlot(slot: number): number {
  return SLOT_SHIFTED_OUT + slot;
}

/** Where a slot's counts by time are kept; `undefined` if it only has a total. */
export function sourceOfSlot(slot: number): CountSource | undefined {
  return SOURCE_OF_SLOT[slot];
}

const SOURCE_OF_SLOT: readonly (CountSource | undefined)[] = Array.from({ length: TIMED_SLOTS_MAX }, (_, slot) => {
  if (slot >= SLOT_SHIFTED_IN) return "cohorts";
  if (slot >= SLOT_KINDS) return slot < SLOT_KINDS_END ? "kinds" : undefined;
  if (slot >= SLOT_LATENCY && slot < SLOT_FAILURES) return "latencies";
  return /^(?:messages|reached|failures)\//.test(COUNTER_OF_SLOT[slot] ?? "") ? "hours" : undefined;
});
