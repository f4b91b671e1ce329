import {
  CHAT_KIND_INDIVIDUAL,
  CHAT_KINDS,
  CHAT_SERVER_NONE,
  CHAT_SERVER_OTHER,
  CHAT_SERVERS,
  chatIdParts,
  chatKindCode,
} from "@ticktally/core";

const FIRST = 48;
const FIRST_STATED = 64;
const [KIND_STEP, SERVER_STEP] = [16, 2];
const DIGITS = "\0-0123456789";
const [DASH, ZERO] = [45, 48];

/**
 * Chats, packed: a first byte that says which server, which kind and whether the rest is digits, then two digits a byte, or UTF-8.
 * In half a byte `-` is 1, digits are 2 to 11, and 0 fills the last one.
 *
 * The first byte is {@link FIRST} plus twice the server, for a chat of the server's usual kind; otherwise {@link FIRST_STATED} plus sixteen
 * times the kind plus twice the server. One more if the rest is text.
 * @param kind a place in `CHAT_KINDS`
 */
export function packChatId(chatId: string, kind: number): Buffer {
  const packed = Buffer.allocUnsafe(packedChatBytesMax(chatId));
  return packed.subarray(0, writeChatId(packed, 0, chatId, kind));
}

/** The id of a recipient, who is always an individual. {@link unpackChatId} reads it. */
export function packRecipientId(chatId: string): Buffer {
  const { server, user } = chatIdParts(chatId);
  return packChatId(chatId, impliedKind(server, user));
}

export function packedChatBytesMax(chatId: string): number {
  return 1 + 3 * chatId.length;
}

/** {@link packChatId} in place. @returns the bytes written at `start`, at most 1 and 3 for each character */
export function writeChatId(target: Buffer, start: number, chatId: string, kind: number): number {
  // A phone number, as nearly all are: packed without splitting the id.
  if (kind === CHAT_KIND_INDIVIDUAL && PHONE_NUMBER.test(chatId))
    return writeDigits(target, start, FIRST_PHONE, chatId, chatId.length - PHONE_SUFFIX);
  const { server, user, isNumber } = chatIdParts(chatId);
  const first = firstByte(server, user, kind);
  if (isNumber) return writeDigits(target, start, first, user, user.length);
  target[start] = first + 1;
  return 1 + target.write(user, start + 1);
}

function firstByte(server: number, user: string, kind: number): number {
  if (server === STORY_SERVER && kind === LIST_KIND) return FIRST + SERVER_STEP * CODE_LIST;
  if (impliedKind(server, user) === kind) return FIRST + SERVER_STEP * server;
  return FIRST_STATED + KIND_STEP * kind + SERVER_STEP * server;
}

/** A list's server is that of stories; it has a code of its own. */
const CODE_LIST = 7;
const STORY_SERVER = CHAT_SERVERS.indexOf("broadcast");
const [LIST_KIND, GROUP_KIND] = [chatKindCode("broadcast"), chatKindCode("group")];
const IMPLIED_KINDS = [GROUP_KIND, chatKindCode("channel"), chatKindCode("status")];

/** The kind of a packed chat whose first byte states none. @param code a server's, or {@link CODE_LIST} */
function impliedKind(code: number, user: string): number {
  if (code === CODE_LIST) return LIST_KIND;
  if (code === CHAT_SERVER_NONE) return /^-\d+$/.test(user) ? GROUP_KIND : CHAT_KIND_INDIVIDUAL;
  return IMPLIED_KINDS[code] ?? CHAT_KIND_INDIVIDUAL;
}

const PHONE_NUMBER = /^[\d-]+@c\.us$/;
const PHONE_SUFFIX = "@c.us".length;
const FIRST_PHONE = FIRST + SERVER_STEP * CHAT_SERVERS.indexOf("c.us");

function writeDigits(target: Buffer, start: number, first: number, user: string, length: number): number {
  target[start] = first;
  let end = start + 1;
  for (let i = 0; i < length; i += 2)
    target[end++] = halfByte(user, i) * 16 + (i + 1 < length ? halfByte(user, i + 1) : 0);
  return end - start;
}

/** @param packed as {@link packChatId} makes it, at least one byte */
export function unpackChatId(packed: Buffer): string {
  const first = packed.readUInt8(0);
  const server = serverCode(first);
  const user = first % 2 === 1 ? packed.toString("utf8", 1) : digits(packed.subarray(1));
  if (server === CHAT_SERVER_NONE || server === CHAT_SERVER_OTHER) return user;
  return `${user}@${server === CODE_LIST ? "broadcast" : (CHAT_SERVERS[server] ?? "unknown")}`;
}

/** The kind of a packed chat, a place in `CHAT_KINDS`. @param chatId of {@link unpackChatId} */
export function unpackedKind(packed: Buffer, chatId: string): number {
  const first = packed.readUInt8(0);
  return hasStatedKind(packed)
    ? Math.floor((first - FIRST_STATED) / KIND_STEP)
    : impliedKind(serverCode(first), chatId);
}

/** Whether a packed chat can only be read by versions that know stated kinds. */
function hasStatedKind(packed: Buffer, start = 0): boolean {
  return packed.readUInt8(start) >= FIRST_STATED;
}

function serverCode(first: number): number {
  return (first < FIRST_STATED ? first - FIRST : (first - FIRST_STATED) % KIND_STEP) >> 1;
}

/** A kind of chat as keys name it: a character. @param kind a place in `CHAT_KINDS` */
export function kindKey(kind: number): string {
  return KIND_KEYS[kind] ?? "";
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
