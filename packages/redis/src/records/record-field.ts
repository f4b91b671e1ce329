import type { Direction } from "@ticktally/core";
import type { KeyedHash } from "./keyed-hash.ts";

/**
 * The hash field of a message: 3 bytes of keyed hash, which choose its bucket, 1 byte for direction and encoding, the id. Ids of
 * hexadecimal digits in one case, as WhatsApp makes them, take half a byte per digit. If ids are unique only within a chat, 8 bytes of
 * keyed hash of the chat precede the id, and {@link IN_CHAT} is set in the byte.
 */
export function recordField(
  direction: Direction,
  idMessage: string,
  hash: KeyedHash,
  chatHash: Buffer = NO_CHAT,
): Buffer {
  const field = Buffer.allocUnsafe(recordFieldBytesMax(idMessage) + chatHash.length);
  const code = chatHash.length === 0 ? 0 : IN_CHAT;
  return field.subarray(0, writeRecordField(field, direction, idMessage, hash, code, chatHash));
}

/** The field of the list of chats in which an id occurs, see `chat-index.ts`. */
export function chatIndexField(direction: Direction, idMessage: string, hash: KeyedHash): Buffer {
  const field = Buffer.allocUnsafe(recordFieldBytesMax(idMessage));
  return field.subarray(0, writeRecordField(field, direction, idMessage, hash, CHAT_INDEX, NO_CHAT));
}

export const CHAT_HASH_BYTES = 8;
const NO_CHAT = Buffer.alloc(0);

/** The part of a chat in its messages' fields: two hashes of the id, with a different byte before it. */
export function chatHashOf(chatId: string, hash: KeyedHash): Buffer {
  const bytes = Buffer.from(`\0${chatId}`);
  const chatHash = Buffer.allocUnsafe(CHAT_HASH_BYTES);
  chatHash.writeUInt32BE(hash.of(bytes), 0);
  bytes[0] = 1;
  chatHash.writeUInt32BE(hash.of(bytes), 4);
  return chatHash;
}

export function recordFieldBytesMax(idMessage: string): number {
  return FIRST_ID_BYTE + 3 * idMessage.length;
}

/** @returns the bytes written */
function writeRecordField(
  target: Buffer,
  direction: Direction,
  idMessage: string,
  hash: KeyedHash,
  code: number,
  chatHash: Buffer,
): number {
  const coding = codingOf(idMessage);
  target[HASH_BYTES] = code + coding * 2 + (direction === "outgoing" ? 1 : 0);
  const idAt = FIRST_ID_BYTE + chatHash.copy(target, FIRST_ID_BYTE);
  const idBytes = target.write(idMessage, idAt, coding === CODING_TEXT ? "utf8" : "hex");
  return writeHash(target, idAt + idBytes, hash);
}

/** Replace the hash in a field of another instance or an older layout, whose other bytes are the same. */
export function rehashed(field: Buffer, hash: KeyedHash): Buffer {
  const own = Buffer.from(field);
  writeHash(own, own.length, hash);
  return own;
}

/** Without reading the id. */
export function fieldDirection(field: Buffer): Direction {
  return field.readUInt8(HASH_BYTES) % 2 === 1 ? "outgoing" : "incoming";
}

/** What a record's field contains. */
export function messageKey(field: Buffer): { direction: Direction; idMessage: string } {
  const code = field.readUInt8(HASH_BYTES);
  const id = field.subarray(FIRST_ID_BYTE + ((code & IN_CHAT) === 0 ? 0 : CHAT_HASH_BYTES));
  const direction = fieldDirection(field);
  const coding = (code >> 1) & CODING_MASK;
  if (coding === CODING_TEXT) return { direction, idMessage: id.toString("utf8") };
  const hex = id.toString("hex");
  return { direction, idMessage: coding === CODING_UPPER_HEX ? hex.toUpperCase() : hex };
}

const HASH_BYTES = 3;
const FIRST_ID_BYTE = HASH_BYTES + 1;
const CODING_TEXT = 0;
const CODING_UPPER_HEX = 1;
const CODING_LOWER_HEX = 2;
const CODING_MASK = 3;
const IN_CHAT = 8;
const CHAT_INDEX = 16;

/** @returns the bytes of the field */
function writeHash(target: Buffer, bytes: number, hash: KeyedHash): number {
  target.writeUIntBE(hash.of(target, HASH_BYTES, bytes) & 0xffffff, 0, HASH_BYTES);
  return bytes;
}

function codingOf(idMessage: string): number {
  if (idMessage.length % 2 !== 0) return CODING_TEXT;
  if (/^[0-9A-F]+$/.test(idMessage)) return CODING_UPPER_HEX;
  return /^[0-9a-f]+$/.test(idMessage) ? CODING_LOWER_HEX : CODING_TEXT;
}
