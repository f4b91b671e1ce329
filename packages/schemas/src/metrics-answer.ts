import {
  CHAT_KINDS,
  FAILURE_REASONS,
  MEDIA_TYPES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  ORIGINS,
  PRICE_CATEGORIES,
  PRICE_TYPES,
  ACTION_TYPES,
  REACHED_STATUSES,
} from "@ticktally/core";
import { z } from "zod";

const count = z.number().int().nonnegative();
const moment = z.iso.datetime().nullable();

/** Every key is always there, with 0 where nothing was counted. */
function countsBy<Word extends string>(words: readonly Word[]) {
  return z.record(z.enum(words), count);
}

const unique = { uniqueChats: count, uniqueGroups: count, uniqueContacts: count };

/** The `metrics` of `GET /metrics/:instances`: the fields of seed 003, then ours. */
export const metrics = z.object({
  /** The names asked for, separated by commas. */
  instance: z.string(),
  totalMessages: count,
  messagesReceived: count,
  messagesSent: count,
  messagesByType: countsBy([...MESSAGE_TYPES, "unknown"]),
  groupMessages: count,
  individualMessages: count,
  messagesWithMedia: count,
  mediaByType: countsBy(MEDIA_TYPES),
  /** Where outgoing messages stand now. */
  messagesByStatus: countsBy(MESSAGE_STATUSES),
  ...unique,
  messagesLast7Days: count,
  messagesLast30Days: count,
  firstMessageAt: moment,
  lastMessageAt: moment,
  messagesSentByApi: count,
  /** How many outgoing messages ever reached each status, by who sent them. */
  reached: z.record(z.enum(ORIGINS), countsBy(REACHED_STATUSES)),
  failuresByReason: countsBy(FAILURE_REASONS),
  /** Messages told to have failed and to have been delivered. */
  contradictions: count,
  messagesByChatKind: countsBy([...CHAT_KINDS, "unknown"]),
  /** Outgoing messages by what the gateway charges them as; those of which it told no price are in none. */
  messagesByPriceCategory: countsBy(PRICE_CATEGORIES),
  messagesByPriceType: countsBy(PRICE_TYPES),
  /** Edits, deletions, reactions and poll votes: no messages. */
  actions: countsBy(ACTION_TYPES),
  /** Of several instances together: what two have counts once. The `unique…` above are sums. */
  union: z.object(unique).optional(),
  /** Everything received before this moment is counted. */
  asOf: z.iso.datetime(),
});
export type Metrics = z.infer<typeof metrics>;

export const metricsAnswer = z.object({ success: z.literal(true), message: z.string(), metrics });

const timelineEntry = z.object({
  status: z.enum(MESSAGE_STATUSES),
  at: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
});

const recipient = z.object({ chatId: z.string(), status: z.enum(MESSAGE_STATUSES), at: z.iso.datetime() });

/** The `message` of `GET /messages/:instance/:idMessage`. */
export const message = z.object({
  idMessage: z.string(),
  chatId: z.string().nullable(),
  direction: z.enum(["incoming", "outgoing"]),
  /** Who sent it; `null` for an incoming message. */
  origin: z.enum(ORIGINS).nullable(),
  type: z.string(),
  /** Where it stands; `null` for an incoming message. */
  status: z.enum(MESSAGE_STATUSES).nullable(),
  reason: z.enum(FAILURE_REASONS).optional(),
  /** The gateway's words on the failure. */
  description: z.string().optional(),
  /** The gateway's own code of the failure, as it was given. */
  code: z.string().optional(),
  /** What the gateway charges the message as, where it told. */
  price: z.object({ category: z.enum(PRICE_CATEGORIES), type: z.enum(PRICE_TYPES) }).optional(),
  /** It was told to have failed and to have been delivered. */
  contradicted: z.boolean(),
  /** When a webhook showed the message itself; `null` if only statuses came. */
  observedAt: moment,
  timeline: z.array(timelineEntry),
  /** Where it stands with each of its recipients, where it has several. */
  recipients: z.array(recipient).optional(),
});
export type Message = z.infer<typeof message>;

export const messageAnswer = z.object({ success: z.literal(true), message });

export const errorAnswer = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** The chats in which a message's id is, where it is the id of several. */
    chats: z.array(z.string()).optional(),
  }),
});
