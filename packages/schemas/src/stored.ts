import { z } from "zod";

/** Replies of our Lua scripts. */

/** For each instance one outcome character per message event, then one of the state. */
export const applyReply = z.string();

const bytes = z.instanceof(Buffer);

/** Of each message: its field, its packed record, the gateway's words on its failure, its packed recipients. */
const storedMessages = z.array(z.tuple([bytes, bytes, bytes, bytes]));
export const messagesReply = storedMessages;
export type StoredMessage = z.infer<typeof storedMessages>[number];

/** A page of messages, and generation, day and place (or "") to go on from; nothing after the last. */
export const listReply = z.tuple([
  storedMessages,
  z.union([z.tuple([]), z.tuple([z.number(), z.number(), z.union([z.number(), bytes])])]),
]);
export type ListReply = z.infer<typeof listReply>;

const text = bytes.transform(String).nullable();

/** Version; by first byte of packed chat ids an array of the ids as MessagePack, or a HyperLogLog. */
export const chatsReply = z.tuple([text, z.array(z.union([bytes, z.tuple([bytes])]))]);

/** What `cmsgpack` makes of a table of strings, decoded with raw strings; of an empty table it may make a map. */
export const packedStrings = z.union([z.array(z.instanceof(Uint8Array)), z.strictObject({}).transform(() => [])]);

/** Messages changed, messages of several recipients changed, next bucket or -1, current generation. */
export const forgetChatReply = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export const summaryReply = z.tuple([
  /** Counters as they are stored. */
  bytes,
  /** head, state, stateAt, version of the unique chats */
  z.tuple([bytes.nullable(), text, text, text]),
  /** Unique chats by first byte of their packed ids. */
  z.array(z.number()),
  /** Messages of the last 7 and 30 days. */
  z.tuple([z.number(), z.number()]),
]);

/** What CONFIG GET answers for one name. */
export const configPair = z.tuple([z.string(), z.string()]);

/** waiting, active, delayed, failed; receipt of the oldest webhook in Unix ms, or ""; where to go on, or "" */
export const queueStatusReply = z.tuple([z.number(), z.number(), z.number(), z.number(), z.string(), z.string()]);
