import { MESSAGE_STATUSES, type MessageStatus } from "@ticktally/core";

/** By the word in small letters: the gateway spells them as it likes. */
const STATUSES: ReadonlyMap<string, MessageStatus> = new Map([
  ...MESSAGE_STATUSES.map((status) => [status.toLowerCase(), status] as const),
  // The documents of 2021 spell it so.
  ["fail", "failed"],
  // What the gateway calls `yellowCard` since version 5.44.
  ["suspended", "yellowCard"],
]);

/** @returns `undefined` for a word that no rule knows */
export function statusOf(word: string): MessageStatus | undefined {
  return STATUSES.get(word) ?? STATUSES.get(word.trim().toLowerCase());
}
