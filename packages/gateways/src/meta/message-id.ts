import type { PseudonymSource } from "../pseudonyms.ts";

/**
 * What stands for a message's id where chats have pseudonyms: `wamid.HBgL…` is base64 in which the phone number of the chat stands in clear.
 * Who has the id finds the message by the same hash. What is one already stays.
 */
export function keptId(id: string, pseudonyms: PseudonymSource): string {
  return HASHED.test(id) ? id : `wamid.${pseudonyms.text(id)}`;
}

const HASHED = /^wamid\.[01]\d{19}$/;
