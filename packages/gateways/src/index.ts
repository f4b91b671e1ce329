export * from "./chat-id.ts";
export type * from "./gateway.ts";
export { JOURNAL_ENTRIES_MAX, siftJournal, siftRecipients, type Sifted } from "./journal.ts";
export { parseJsonText } from "./json/exact-json.ts";
export { NoListError } from "./json/json-elements.ts";
export { Pseudonyms, pseudonymsOf } from "./pseudonyms.ts";
export * from "./quarantine-text.ts";
export * from "./registry.ts";
export type * from "./upstream.ts";
