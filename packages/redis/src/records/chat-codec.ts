import {
  CHAT_KINDS,
  CHAT_SERVER_LIST,
  CHAT_SERVER_NONE,
  CHAT_SERVER_OTHER,
  CHAT_SERVERS,
  chatIdParts,
  chatKind,
} from "@ticktally/core";

const FIRST = 48;
const DIGITS = "\0-0123456789";
const [DASH, ZERO] = [45, 48];

/**
 * Chat ids, packed: a first byte that says which server and whether the rest is digits, then two digits a byte, or UTF-8.
 * In half a byte `-` is 1, digits are 2 to 11, and 0 fills the last one.
 */
export function packChatId(chatId: string): Buffer {
  const packed = Buffer.allocUnsafe(packedChatBytesMax(chatId));
  return packed.subarray(0, writeChatId(packed, 0, chatId));
}

export function packedChatBytesMax(chatId: string): number {
  return 1 + 3 * chatId.length;
}

/** {@link packChatId} in place. @returns the bytes written at `start`, at most 1 and 3 for each character */
export function writeChatId(target: Buffer, start: number, chatId: string): number {
  // A phone number, as nearly all are: without taking it apart.
  if (PHONE_NUMBER.test(chatId)) return writeDigits(target, start, SERVER_PHONE, chatId, chatId.length - PHONE_SUFFIX);
  const { server, user, isNumber } = chatIdParts(chatId);
  if (isNumber) return writeDigits(target, start, server, user, user.length);
  target[start] = FIRST + 2 * server + 1;
  return 1 + target.write(user, start + 1);
}

const PHONE_NUMBER = /^[\d-]+@c\.us$/;
const PHONE_SUFFIX = "@c.us".length;
const SERVER_PHONE = CHAT_SERVERS.indexOf("c.us");

function writeDigits(target: Buffer, start: number, server: number, user: string, length: number): number {
  target[start] = FIRST + 2 * server;
  let end = start + 1;
  for (let i = 0; i < length; i += 2)
    target[end++] = halfByte(user, i) * 16 + (i + 1 < length ? halfByte(user, i + 1) : 0);
  return end - start;
}

/** @param packed as {@link packChatId} makes it, at least one byte */
export function unpackChatId(packed: Buffer): string {
  const code = packed.readUInt8(0) - FIRST;
  const server = Math.floor(code / 2);
  const user = code % 2 === 1 ? packed.toString("utf8", 1) : digits(packed.subarray(1));
  if (server === CHAT_SERVER_NONE || server === CHAT_SERVER_OTHER) return user;
  return `${user}@${server === CHAT_SERVER_LIST ? "broadcast" : (CHAT_SERVERS[server] ?? "unknown")}`;
}

/** The kind of a chat as keys name it: a character. */
export function kindKey(chatId: string): string {
  return String(CHAT_KINDS.indexOf(chatKind(chatId)));
}

/** Every {@link kindKey}, in the order of `CHAT_KINDS`. */
export const KIND_KEYS = CHAT_KINDS.map((_, place) => String(place));

/** The place in {@link DIGITS} of a dash or a digit. */
function halfByte(user: string, index: number): number {
  const code = user.charCodeAt(index);
  return code === DASH ? 1 : code - ZERO + 2;
}

const text = Buffer.alloc(1024);

function digits(packed: Buffer): string {
  if (2 * packed.length > text.length) return digits(packed.subarray(0, 512)) + digits(packed.subarray(512));
  let length = 0;
  for (const byte of packed) {
    text[length++] = DIGITS.charCodeAt(byte >> 4);
    text[length++] = DIGITS.charCodeAt(byte & 15);
  }
  return text.toString("latin1", 0, length > 0 && text[length - 1] === 0 ? length - 1 : length);
}
