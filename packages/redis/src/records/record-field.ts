import type { Direction } from "@ticktally/core";
import type { KeyedHash } from "./keyed-hash.ts";

/**
 * The hash field of a message: 3 bytes of keyed hash, which choose its bucket, 1 byte for direction and coding, the id. Ids of
 * hexadecimal digits in one case, as WhatsApp makes them, take half a byte a digit.
 */
export function recordField(direction: Direction, idMessage: string, hash: KeyedHash): Buffer {
  const field = Buffer.allocUnsafe(recordFieldBytesMax(idMessage));
  return field.subarray(0, writeRecordField(field, 0, direction, idMessage, hash));
}

export function recordFieldBytesMax(idMessage: string): number {
  return FIRST_ID_BYTE + 3 * idMessage.length;
}

/** @returns the bytes written at `start`, at most {@link recordFieldBytesMax} */
function writeRecordField(
  target: Buffer,
  start: number,
  direction: Direction,
  idMessage: string,
  hash: KeyedHash,
): number {
  const coding = codingOf(idMessage);
  target[start + HASH_BYTES] = coding * 2 + (direction === "outgoing" ? 1 : 0);
  const idBytes = target.write(idMessage, start + FIRST_ID_BYTE, coding === CODING_TEXT ? "utf8" : "hex");
  return writeHash(target, start, FIRST_ID_BYTE + idBytes, hash);
}

/** Give a field of another instance or of an older layout, with the same bytes after the hash, this instance's hash. */
export function rehashed(field: Buffer, hash: KeyedHash): Buffer {
  const own = Buffer.from(field);
  writeHash(own, 0, own.length, hash);
  return own;
}

/** Without reading the id. */
export function fieldDirection(field: Buffer): Direction {
  return field.readUInt8(HASH_BYTES) % 2 === 1 ? "outgoing" : "incoming";
}

/** What a record's field says. */
export function messageKey(field: Buffer): { direction: Direction; idMessage: string } {
  const [code, id] = [field.readUInt8(HASH_BYTES), field.subarray(FIRST_ID_BYTE)];
  const direction = fieldDirection(field);
  const coding = Math.floor(code / 2);
  if (coding === CODING_TEXT) return { direction, idMessage: id.toString("utf8") };
  const hex = id.toString("hex");
  return { direction, idMessage: coding === CODING_UPPER_HEX ? hex.toUpperCase() : hex };
}

const HASH_BYTES = 3;
const FIRST_ID_BYTE = HASH_BYTES + 1;
const CODING_TEXT = 0;
const CODING_UPPER_HEX = 1;
const CODING_LOWER_HEX = 2;

/** @returns the bytes of the field */
function writeHash(target: Buffer, start: number, bytes: number, hash: KeyedHash): number {
  target.writeUIntBE(hash.of(target, start + HASH_BYTES, start + bytes) & 0xffffff, start, HASH_BYTES);
  return bytes;
}

function codingOf(idMessage: string): number {
  if (idMessage.length % 2 !== 0) return CODING_TEXT;
  if (/^[0-9A-F]+$/.test(idMessage)) return CODING_UPPER_HEX;
  return /^[0-9a-f]+$/.test(idMessage) ? CODING_LOWER_HEX : CODING_TEXT;
}
