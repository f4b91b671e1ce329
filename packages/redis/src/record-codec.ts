import {
  contentTypeOfCode,
  FAILURE_REASONS,
  MESSAGE_STATUSES,
  ORIGINS,
  PROGRESS,
  isFailure,
  stateOfCode,
  type Direction,
  type MessageRecord,
  type Moment,
  type Progress,
  type Recipient,
} from "@ticktally/core";
import type { StoredMessage } from "@ticktally/schemas";
import { unpackChatId } from "./chat-codec.ts";

/**
 * The hash field of a message: 3 bytes of hash, which choose its bucket, 1 byte for direction and coding, the id. Ids of
 * hexadecimal digits in one case, as WhatsApp makes them, take half a byte a digit.
 */
export function recordField(direction: Direction, idMessage: string): Buffer {
  const field = Buffer.allocUnsafe(4 + 3 * idMessage.length);
  return field.subarray(0, writeRecordField(field, 0, direction, idMessage));
}

/** @returns the bytes written at `start`, at most 4 and 3 for each character */
export function writeRecordField(target: Buffer, start: number, direction: Direction, idMessage: string): number {
  const coding = codingOf(idMessage);
  target[start + 3] = coding * 2 + (direction === "outgoing" ? 1 : 0);
  const bytes = 4 + target.write(idMessage, start + 4, coding === CODING_TEXT ? "utf8" : "hex");
  const hash = fnv1a(target, start + 3, start + bytes);
  target.writeUIntBE((hash ^ (hash >>> 24)) & 0xffffff, start, 3);
  return bytes;
}

/** What a record's field tells. */
function messageKey(field: Buffer): { direction: Direction; idMessage: string } {
  const [code, id] = [field.readUInt8(3), field.subarray(4)];
  const direction = code % 2 === 1 ? "outgoing" : "incoming";
  const coding = Math.floor(code / 2);
  if (coding === CODING_TEXT) return { direction, idMessage: id.toString("utf8") };
  const hex = id.toString("hex");
  return { direction, idMessage: coding === CODING_UPPER_HEX ? hex.toUpperCase() : hex };
}

/** @param stored field, value as `lua/message-record.lua` packs it, description, recipients; the last two may be empty */
export function unpackRecord([field, value, words, others]: StoredMessage): MessageRecord {
  const description = words.toString("utf8");
  const [state, origin, type, mask, flags] = [0, 1, 2, 3, 4].map((at) => value.readUInt8(at)) as Five;
  const wide = (flags & 2) !== 0;
  let offset = 5;
  const moments = new Map<number, Moment>();
  for (let slot = 0; slot < 8; slot++) {
    if ((mask & (1 << slot)) === 0) continue;
    const at = value.readUInt32BE(offset);
    const receivedAt = wide ? value.readUInt32BE(offset + 4) : at + value.readUInt16BE(offset + 4) - RECEIPT_BIAS;
    moments.set(slot, { at, receivedAt });
    offset += wide ? 8 : 6;
  }
  const failed = moments.get(SLOT_FAILURE);
  const failure = failed && { ...failureOf(value, offset), ...failed, ...(description === "" ? {} : { description }) };
  if (failed) offset += 2;
  const observed = moments.get(0);
  return {
    ...messageKey(field),
    ...(offset < value.length ? { chatId: unpackChatId(value.subarray(offset)) } : {}),
    origin: ORIGINS[origin] ?? "unknown",
    type: contentTypeOfCode(type),
    state: stateOfCode(state),
    contradicted: (flags & 1) !== 0,
    ...(observed ? { observed } : {}),
    seen: seenProgress(moments),
    ...(failure ? { failure } : {}),
    ...((flags & 4) === 0 ? {} : { recipients: unpackRecipients(others) }),
  };
}

/** @param packed as `lua/recipients.lua` packs them */
function unpackRecipients(packed: Buffer): readonly Recipient[] {
  const recipients: Recipient[] = [];
  for (let offset = 0; offset + 7 <= packed.length;) {
    const end = offset + 7 + packed.readUInt16BE(offset + 5);
    const state = stateOfCode(packed.readUInt8(offset));
    recipients.push({
      chatId: unpackChatId(packed.subarray(offset + 7, end)),
      state,
      at: packed.readUInt32BE(offset + 1),
    });
    offset = end;
  }
  return recipients.sort((a, b) => (a.chatId < b.chatId ? -1 : 1));
}

type Five = [number, number, number, number, number];

const SLOT_FAILURE = 7;
const RECEIPT_BIAS = 32_768;
const CODING_TEXT = 0;
const CODING_UPPER_HEX = 1;
const CODING_LOWER_HEX = 2;

function codingOf(idMessage: string): number {
  if (idMessage.length % 2 !== 0) return CODING_TEXT;
  if (/^[0-9A-F]+$/.test(idMessage)) return CODING_UPPER_HEX;
  return /^[0-9a-f]+$/.test(idMessage) ? CODING_LOWER_HEX : CODING_TEXT;
}

/** FNV-1a, 32 bits: quick and even enough to choose a bucket (isthe.com/chongo/tech/comp/fnv). */
function fnv1a(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

function seenProgress(moments: ReadonlyMap<number, Moment>): Partial<Record<Progress, Moment>> {
  const seen: Partial<Record<Progress, Moment>> = {};
  PROGRESS.forEach((progress, rank) => {
    const moment = moments.get(rank + 1);
    if (moment) seen[progress] = moment;
  });
  return seen;
}

function failureOf(value: Buffer, offset: number) {
  const status = MESSAGE_STATUSES[value.readUInt8(offset) - 48];
  const reason = FAILURE_REASONS[value.readUInt8(offset + 1) - 48];
  if (status === undefined || !isFailure(status)) throw new RangeError("a stored record names no known failure");
  return { status, reason: reason ?? ("other" as const) };
}
