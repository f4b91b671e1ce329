import { z } from "zod";

/** Replies of our Lua scripts. */

const bytes = z.instanceof(Buffer);

/** A character for each instance: stored, stored and much is pending, stored with damage, conflict, broken. */
export const commitReply = z.string().regex(/^[smdcb]*$/);

/** META of an instance as field and value in turn, COUNTS, RETRACTED, PENDING. */
export const instanceRootReply = z.tuple([z.array(bytes), bytes, bytes, bytes]);

/** PENDING of an instance; by block of hours field and value in turn. */
export const hoursReply = z.tuple([bytes, z.array(z.array(bytes))]);

/** Names of commands, see `lua/try-commands.lua`. */
export const refusedCommandsReply = z.array(z.string());

/** MessagePack, see `lua/read-records.lua`. */
export const recordsReply = bytes;

/** What our scripts put into MessagePack arrays, decoded with raw strings. */
export const packedArray = z.array(z.union([z.instanceof(Uint8Array), z.number(), z.boolean()]));

/** Of each message: its field, its packed record, what there is more of it (or empty). */
const storedMessages = z.array(z.tuple([bytes, bytes, bytes]));
export type StoredMessage = z.infer<typeof storedMessages>[number];

/** A page of messages, and period, day and place (or "") to go on from; nothing after the last. */
export const listReply = z.tuple([
  storedMessages,
  z.union([z.tuple([]), z.tuple([z.number(), z.number(), z.union([z.number(), bytes])])]),
]);
export type ListReply = z.infer<typeof listReply>;

const text = bytes.transform(String).nullable();

/** Version; by kind an array of packed chat ids as MessagePack, or a HyperLogLog. */
export const chatsReply = z.tuple([text, z.array(z.union([bytes, z.tuple([bytes])]))]);

/** What `cmsgpack` makes of a table of strings, decoded with raw strings; of an empty table it may make a map. */
export const packedStrings = z.union([z.array(z.instanceof(Uint8Array)), z.strictObject({}).transform(() => [])]);

/** Records that mention a chat, and where to go on: period and bucket, or nothing after the last. */
export const scanReply = z.tuple([storedMessages, z.union([z.tuple([]), z.tuple([z.number(), z.number()])])]);

export const summaryReply = z.tuple([
  /** COUNTS, RETRACTED and PENDING as they are stored. */
  z.tuple([bytes, bytes, bytes]),
  /** summary, state, stateAt, version of the unique chats */
  z.tuple([bytes.nullable(), text, text, text]),
  /** Unique chats by kind. */
  z.array(z.number()),
  /** Messages of the last 7 and 30 days, without those that are pending. */
  z.tuple([z.number(), z.number()]),
]);

/** What CONFIG GET answers for one name. */
export const configPair = z.tuple([z.string(), z.string()]);

/** waiting, active, delayed, failed; receipt of the oldest webhook in Unix ms, or ""; where to go on, or "" */
export const queueStatusReply = z.tuple([z.number(), z.number(), z.number(), z.number(), z.string(), z.string()]);
/** An entry of FORGOTTEN: epoch, PERIODS and SUMMARY, decoded with raw strings. */
export const packedEpoch = z.tuple([z.instanceof(Uint8Array), z.instanceof(Uint8Array), z.instanceof(Uint8Array)]);
