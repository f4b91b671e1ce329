import {
  hasSlot,
  newRecord,
  newStanding,
  PRICE_NONE,
  RULE,
  SLOT_FAILURE_NAMED,
  SLOT_FAILURE_UNNAMED,
  standingOf,
  TIME_SLOTS,
  TYPE_CODE_UNKNOWN,
  type MessageRecord,
} from "@ticktally/core";
import { unpackChatId, unpackedKind, writeChatId } from "./chat-codec.ts";

/**
 * A record, packed: version, which names the rule that it was counted by, flags, status, origin, type (a byte each), which slots are set (2
 * bytes); which of them are untimed, if any (2 bytes); the price's category and type (a byte each), if there is one; its labels, if any:
 * how many (a byte), the number of each (3 bytes); for each slot its time (4 bytes) and its receipt (2 bytes of distance, or 4 if that is
 * too far); for each failure its status and reason (a byte each); a change number, if EXTRAS has more (2 bytes); the packed chat id, if
 * known.
 *
 * An id that was labelled and is not known yet also has such a record, of type {@link NO_MESSAGE}, without slots: the day when it was last
 * labelled (2 bytes) follows its labels.
 *
 * The status follows from the rest. It is stored for lists, which read it without unpacking (see message-list.ts).
 */
/** 4 is what an index of chats begins with, see `chat-index.ts`. */
const RECORD_VERSION = 5;
/** The same bytes, counted by rule 2. Version 3 marked records whose chat's kind is stated. */
const RECORD_VERSIONS_BEFORE = [2, 3];
const RULE_BEFORE = 2;

/** Places of the bytes that lists look at. */
export const RECORD_BYTES = { STATUS: 2, ORIGIN: 3, TYPE: 4 } as const;

/** EXTRAS has more of it. The scripts know this flag. */
const FLAG_EXTRA = 1;
const FLAG_WIDE = 2;
const FLAG_UNTIMED = 4;
const FLAG_FROZEN_LATENCIES = 8;
const RECIPIENTS_SHIFT = 4;
const RECIPIENTS_MASK = 3;
const FLAG_PRICE = 64;
const FLAG_LABELS = 128;
/** Stands in place of a type for values among the records that are not messages. The scripts know it. */
export const NO_MESSAGE = 0xff;
const LABEL_BYTES = 3;
const CHANGES_MAX = 0x10000;
/** A receipt is stored as its distance from the event if that fits 16 bits (9 hours either way), otherwise in full. */
const RECEIPT_BIAS = 32_768;
const HEAD_BYTES = 7;
const FAILURE_SLOTS = [SLOT_FAILURE_NAMED, SLOT_FAILURE_UNNAMED];

// Stored in 16 bits. One rank too many must stop the program before it stores anything.
if (TIME_SLOTS > 16)
  throw new RangeError("PROGRESS has more words than record-codec.ts has room for: the slots of a record are 16 bits.");

const standing = newStanding();

export function recordBytesMax({ chatId, labels }: MessageRecord): number {
  return HEAD_BYTES + 2 + 2 + 3 + LABEL_BYTES * labels.length + 8 * TIME_SLOTS + 4 + 2 + 1 + 3 * chatId.length;
}

/**
 * @param changes the change number of its EXTRAS: different after each change, so comparing a record compares that too; `undefined` if
 * there are none
 * @param status its code, if already known
 * @returns the bytes written at `start`, at most {@link recordBytesMax}
 */
export function writeRecord(
  target: Buffer,
  start: number,
  record: MessageRecord,
  changes: number | undefined,
  status = standingOf(record, standing).status,
): number {
  const { at, receivedAt, slots } = record;
  const isWide = hasFarReceipt(record);
  const hasPrice = record.priceCategory !== PRICE_NONE;
  target[start] = RECORD_VERSION;
  target[start + 1] =
    (changes === undefined ? 0 : FLAG_EXTRA) |
    (isWide ? FLAG_WIDE : 0) |
    (record.untimed === 0 ? 0 : FLAG_UNTIMED) |
    (record.hasFrozenLatencies ? FLAG_FROZEN_LATENCIES : 0) |
    (record.recipientsKept << RECIPIENTS_SHIFT) |
    (hasPrice ? FLAG_PRICE : 0) |
    (record.labels.length > 0 ? FLAG_LABELS : 0);
  target[start + RECORD_BYTES.STATUS] = status;
  target[start + RECORD_BYTES.ORIGIN] = record.origin;
  target[start + RECORD_BYTES.TYPE] = record.isKnown ? record.type : NO_MESSAGE;
  let end = target.writeUInt16BE(slots, start + 5);
  if (record.untimed !== 0) end = target.writeUInt16BE(record.untimed, end);
  if (hasPrice) {
    target[end] = record.priceCategory;
    target[end + 1] = record.priceType;
    end += 2;
  }
  if (record.labels.length > 0) end = writeLabels(target, end, record);
  for (let slot = 0; slot < TIME_SLOTS; slot++) {
    if ((slots & (1 << slot)) === 0) continue;
    const time = at[slot] ?? 0;
    const receipt = receivedAt[slot] ?? 0;
    end = target.writeUInt32BE(time, end);
    end = isWide ? target.writeUInt32BE(receipt, end) : target.writeUInt16BE(receipt - time + RECEIPT_BIAS, end);
  }
  for (let place = 0; place < FAILURE_SLOTS.length; place++) {
    const failure = record.failures[place];
    if (failure === undefined) continue;
    target[end] = failure.status;
    target[end + 1] = failure.reason;
    end += 2;
  }
  if (changes !== undefined) end = target.writeUInt16BE(changes % CHANGES_MAX, end);
  if (record.chatId === "") return end - start;
  end += writeChatId(target, end, record.chatId, record.chatKind);
  return end - start;
}

/**
 * Read a stored value into a new record; `readExtra` adds what is in EXTRAS.
 * @returns the change number of its EXTRAS; `undefined` if there are none
 */
export function readRecord(value: Buffer, record: MessageRecord): number | undefined {
  const version = value.readUInt8(0);
  if (version !== RECORD_VERSION && !RECORD_VERSIONS_BEFORE.includes(version))
    throw new RangeError(`no record of version ${String(version)} is known`);
  record.rule = version === RECORD_VERSION ? RULE : RULE_BEFORE;
  const flags = value.readUInt8(1);
  const type = value.readUInt8(RECORD_BYTES.TYPE);
  record.isKnown = type !== NO_MESSAGE;
  record.origin = value.readUInt8(RECORD_BYTES.ORIGIN);
  record.type = record.isKnown ? type : TYPE_CODE_UNKNOWN;
  record.slots = value.readUInt16BE(5);
  record.hasFrozenLatencies = (flags & FLAG_FROZEN_LATENCIES) !== 0;
  record.recipientsKept = (flags >> RECIPIENTS_SHIFT) & RECIPIENTS_MASK;
  let offset = HEAD_BYTES;
  if ((flags & FLAG_UNTIMED) !== 0) {
    record.untimed = value.readUInt16BE(offset);
    offset += 2;
  }
  if ((flags & FLAG_PRICE) !== 0) {
    record.priceCategory = value.readUInt8(offset);
    record.priceType = value.readUInt8(offset + 1);
    offset += 2;
  }
  if ((flags & FLAG_LABELS) !== 0) offset = readLabels(value, offset, record);
  const isWide = (flags & FLAG_WIDE) !== 0;
  for (let slot = 0; slot < TIME_SLOTS; slot++) {
    if (!hasSlot(record, slot)) continue;
    const time = value.readUInt32BE(offset);
    record.at[slot] = time;
    record.receivedAt[slot] = isWide
      ? value.readUInt32BE(offset + 4)
      : time + value.readUInt16BE(offset + 4) - RECEIPT_BIAS;
    offset += isWide ? 8 : 6;
  }
  for (let place = 0; place < FAILURE_SLOTS.length; place++) {
    if (!hasSlot(record, FAILURE_SLOTS[place] ?? 0)) continue;
    record.failures[place] = {
      status: value.readUInt8(offset),
      reason: value.readUInt8(offset + 1),
      text: "",
      code: "",
    };
    offset += 2;
  }
  let changes: number | undefined;
  if ((flags & FLAG_EXTRA) !== 0) {
    changes = value.readUInt16BE(offset);
    offset += 2;
  }
  if (offset < value.length) {
    const chat = value.subarray(offset);
    record.chatId = unpackChatId(chat);
    record.chatKind = unpackedKind(chat, record.chatId);
  }
  return changes;
}

/** Whether a stored value was counted by an older rule than today's. */
export function isOfOlderRule(value: Buffer): boolean {
  return RECORD_VERSIONS_BEFORE.includes(value[0] ?? RECORD_VERSION);
}

/** The change number of a stored value; see {@link writeRecord}. */
export function changeNumber(value: Buffer): number | undefined {
  return readRecord(value, newRecord("outgoing", ""));
}

/** Whether EXTRAS has more of a stored record. */
export function hasExtra(value: Buffer): boolean {
  return ((value[1] ?? 0) & FLAG_EXTRA) !== 0;
}

/** Without unpacking it. */
export function hasLabels(value: Buffer): boolean {
  return ((value[1] ?? 0) & FLAG_LABELS) !== 0;
}

/** Whether a value among the records is a message. */
export function isMessage(value: Buffer): boolean {
  return value[RECORD_BYTES.TYPE] !== NO_MESSAGE;
}

function writeLabels(target: Buffer, start: number, { labels, isKnown, waitingDay }: MessageRecord): number {
  let end = target.writeUInt8(labels.length, start);
  for (const label of labels) end = target.writeUIntBE(label, end, LABEL_BYTES);
  return isKnown ? end : target.writeUInt16BE(waitingDay, end);
}

/** @returns where they end */
function readLabels(value: Buffer, start: number, record: MessageRecord): number {
  const labels = value.readUInt8(start);
  const end = start + 1 + LABEL_BYTES * labels;
  record.labels = Array.from({ length: labels }, (_, i) => value.readUIntBE(start + 1 + LABEL_BYTES * i, LABEL_BYTES));
  if (record.isKnown) return end;
  record.waitingDay = value.readUInt16BE(end);
  return end + 2;
}

function hasFarReceipt({ slots, at, receivedAt }: MessageRecord): boolean {
  for (let slot = 0; slot < TIME_SLOTS; slot++) {
    if ((slots & (1 << slot)) === 0) continue;
    const distance = (receivedAt[slot] ?? 0) - (at[slot] ?? 0) + RECEIPT_BIAS;
    if (distance < 0 || distance > 0xffff) return true;
  }
  return false;
}
