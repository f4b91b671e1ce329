import { MESSAGE_STATUSES, type MessageStatus } from "@ticktally/core";

/** Keyed by the lower-case word: the gateway's spelling varies. */
const STATUSES: ReadonlyMap<string, MessageStatus> = new Map([
  ...MESSAGE_STATUSES.map((status) => [status.toLowerCase(), status] as const),
  // The spelling in the documentation of 2021.
  ["fail", "failed"],
  // The gateway's word for `yellowCard` since version 5.44.
  ["suspended", "yellowCard"],
]);

/** @returns `undefined` for a word that no rule knows */
export function statusOf(word: string): MessageStatus | undefined {
  return STATUSES.get(word) ?? STATUSES.get(word.trim().toLowerCase());
}
