import {
  CHAT_SERVER_NONE,
  CHAT_SERVER_OTHER,
  CHAT_SERVERS,
  chatIdParts,
  chatKind,
  type KnownChatKind,
} from "@ticktally/core";

const FIRST = 48;
const DIGITS = "\0-0123456789";
const [DASH, ZERO] = [45, 48];

/**
 * Chat ids, packed: a first byte that says which server and whether the rest is digits, then two digits a byte, or UTF-8.
 * Packed ids compare as core's `preferredChatId` compares the texts: `-` is 1, digits are 2 to 11, 0 fills the last half byte.
 */
export function packChatId(chatId: string): Buffer {
  const packed = Buffer.allocUnsafe(1 + 3 * chatId.length);
  return packed.subarray(0, writeChatId(packed, 0, chatId));
}

/** {@link packChatId} in place. @returns the bytes written at `start`, at most 1 and 3 for each character */
export function writeChatId(target: Buffer, start: number, chatId: string): number {
  const { server, user, isNumber } = chatIdParts(chatId);
  target[start] = FIRST + 2 * server + (isNumber ? 0 : 1);
  if (!isNumber) return 1 + target.write(user, start + 1);
  const bytes = Math.ceil(user.length / 2);
  for (let i = 0; i < bytes; i++) {
    target[start + 1 + i] = halfByte(user, 2 * i) * 16 + (2 * i + 1 < user.length ? halfByte(user, 2 * i + 1) : 0);
  }
  return 1 + bytes;
}

/** @param packed as {@link packChatId} makes it, at least one byte */
export function unpackChatId(packed: Buffer): string {
  const code = packed.readUInt8(0) - FIRST;
  const server = Math.floor(code / 2);
  const user = code % 2 === 1 ? packed.toString("utf8", 1) : digits(packed.subarray(1));
  if (server === CHAT_SERVER_NONE || server === CHAT_SERVER_OTHER) return user;
  return `${user}@${CHAT_SERVERS[server] ?? "unknown"}`;
}

/** Every first byte a packed id can have. */
export const CHAT_FIRST_BYTES = Array.from({ length: 2 * (CHAT_SERVER_OTHER + 1) }, (_, i) =>
  String.fromCharCode(48 + i),
);

/** Those of group chats, and of chats with one person. */
export const CHAT_FIRST_BYTES_GROUP = firstBytesOf("group");
export const CHAT_FIRST_BYTES_PERSON = firstBytesOf("individual");

/** @param byte the first byte of a packed id; anything else stands for a chat that is not known */
export function kindOfFirstByte(byte: string): KnownChatKind {
  const code = byte.charCodeAt(0) - FIRST;
  if (code < 0 || code >= 2 * (CHAT_SERVER_OTHER + 1)) return "unknown";
  return chatKind(`1@${CHAT_SERVERS[Math.floor(code / 2)] ?? ""}`);
}

function firstBytesOf(kind: KnownChatKind): string {
  return CHAT_FIRST_BYTES.filter((byte) => kindOfFirstByte(byte) === kind).join("");
}

/** The place in {@link DIGITS} of a dash or a digit. */
function halfByte(user: string, index: number): number {
  const code = user.charCodeAt(index);
  return code === DASH ? 1 : code - ZERO + 2;
}

function digits(packed: Buffer): string {
  const text = Array.from(packed, (byte) => DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15)).join("");
  return text.endsWith("\0") ? text.slice(0, -1) : text;
}
