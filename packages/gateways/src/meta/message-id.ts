import type { PseudonymSource } from "../pseudonyms.ts";

/**
 * Replaces a message's id if chats have pseudonyms: `wamid.HBgL…` is base64 that contains the chat's phone number in clear. The same hash
 * finds the message from the original id. A replaced id stays as it is.
 */
export function keptId(id: string, pseudonyms: PseudonymSource): string {
  return HASHED.test(id) ? id : `wamid.${pseudonyms.text(id)}`;
}

const HASHED = /^wamid\.[01]\d{19}$/;
