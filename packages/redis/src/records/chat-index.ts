import { CHATS_OF_ID_MAX } from "@ticktally/core";
import { NO_MESSAGE } from "./record-codec.ts";
import { CHAT_HASH_BYTES } from "./record-field.ts";

/**
 * The chats in which an id occurs, for ids that are unique only within a chat: the hashes of the chats, newest last, at most
 * `CHATS_OF_ID_MAX`. It is stored among the instance's records and expires with them. Its first bytes match no record, and no list of
 * messages has such a type.
 */
const HEAD = Buffer.from([4, 0, 0xff, 0xff, NO_MESSAGE]);

export function isChatIndex(value: Buffer): boolean {
  return value[0] === HEAD[0];
}

/** @param index empty for none @returns the index including a chat; the same bytes if it was already included */
export function withChat(index: Buffer, chatHash: Buffer): Buffer {
  const known = chatHashes(index);
  if (known.some((hash) => hash.equals(chatHash))) return index;
  return Buffer.concat([HEAD, ...[...known, chatHash].slice(-CHATS_OF_ID_MAX)]);
}

/** @param index empty for none */
export function chatHashes(index: Buffer): readonly Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = HEAD.length; at + CHAT_HASH_BYTES <= index.length; at += CHAT_HASH_BYTES)
    hashes.push(index.subarray(at, at + CHAT_HASH_BYTES));
  return hashes;
}
