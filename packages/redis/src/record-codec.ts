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
} from "@ticktally/core";
import { unpackChatId } from "./chat-codec.ts";

/**
 * The hash field of a message: 3 bytes of hash, which choose its bucket, 1 byte for direction and coding, the id. Ids of
 * hexadecimal digits in one case, as WhatsApp makes them, take half a byte a digit.
 */
export function recordField(direction: Direction, idMessage: string): Buffer {
  const coding = codingOf(idMessage);
  const id = Buffer.from(idMessage, coding === CODING_TEXT ? "utf8" : "hex");
  const field = Buffer.allocUnsafe(4 + id.length);
  field[3] = coding * 2 + (direction === "outgoing" ? 1 : 0);
  field.set(id, 4);
  const hash = fnv1a(field.subarray(3));
  field.writeUIntBE((hash ^ (hash >>> 24)) & 0xffffff, 0, 3);
  return field;
}

export interface MessageKey {
  readonly direction: Direction;
  readonly idMessage: string;
}

/** @param value as `lua/apply-batch.lua` packs it; see its `encode` @param description "" for none */
export function unpackRecord(key: MessageKey, value: Buffer, description: string): MessageRecord {
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
    ...key,
    ...(offset < value.length ? { chatId: unpackChatId(value.subarray(offset)) } : {}),
    origin: ORIGINS[origin] ?? "unknown",
    type: contentTypeOfCode(type),
    state: stateOfCode(state),
    contradicted: (flags & 1) !== 0,
    ...(observed ? { observed } : {}),
    seen: seenProgress(moments),
    ...(failure ? { failure } : {}),
  };
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
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
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
