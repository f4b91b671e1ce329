import { CHATS_OF_ID_MAX } from "@ticktally/core";
import { NO_MESSAGE } from "./record-codec.ts";
import { CHAT_HASH_BYTES } from "./record-field.ts";

/**
 * In which chats an id is, where ids are unique within a chat only: the hashes of the chats, those first seen last at the end, at most
 * `CHATS_OF_ID_MAX`. It lies among the records of its instance, so that it is stored and expires with them; the bytes before the hashes are those of no
 * record, and no list of messages has such a type.
 */
const HEAD = Buffer.from([4, 0, 0xff, 0xff, NO_MESSAGE]);

export function isChatIndex(value: Buffer): boolean {
  return value[0] === HEAD[0];
}

/** @param index empty for none @returns the index with a chat in it; the same bytes if it is */
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
