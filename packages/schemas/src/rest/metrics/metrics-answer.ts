import type { ORIGINS } from "@ticktally/core";
import {
  CHAT_KINDS,
  FAILURE_REASONS,
  MEDIA_TYPES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  PRICE_CATEGORIES,
  PRICE_TYPES,
  ACTION_TYPES,
  REACHED_STATUSES,
} from "@ticktally/core";
import { z } from "zod";
import { labelList } from "../labels.ts";
import { directionWord, originWord, reasonWord, statusWord } from "../words.ts";

const count = z.number().int().nonnegative();
const moment = z.iso.datetime().nullable();

/** Every key is always present, with 0 if nothing was counted. */
function countsBy<Word extends string>(words: readonly Word[]) {
  return z.object(Object.fromEntries(words.map((word) => [word, count])) as Record<Word, typeof count>);
}

const reachedCounts = countsBy(REACHED_STATUSES).meta({ id: "ReachedCounts" });

const unique = { uniqueChats: count, uniqueGroups: count, uniqueContacts: count };

/** The `metrics` of `GET /metrics/:instances`: the fields that older programs read, then the newer ones. */
export const metrics = z
  .object({
    /** The requested names, separated by commas. */
    instance: z.string(),
    totalMessages: count,
    messagesReceived: count,
    messagesSent: count,
    messagesByType: countsBy([...MESSAGE_TYPES, "unknown"]).meta({ id: "CountsByType" }),
    groupMessages: count,
    individualMessages: count,
    messagesWithMedia: count,
    mediaByType: countsBy(MEDIA_TYPES).meta({ id: "CountsByMediaType" }),
    /** Outgoing messages by current status. */
    messagesByStatus: countsBy(MESSAGE_STATUSES).meta({ id: "CountsByStatus" }),
    ...unique,
    messagesLast7Days: count,
    messagesLast30Days: count,
    firstMessageAt: moment,
    lastMessageAt: moment,
    messagesSentByApi: count,
    /** How many outgoing messages ever reached each status, by who sent them. */
    reached: z.object({ unknown: reachedCounts, api: reachedCounts, phone: reachedCounts } satisfies Record<
      (typeof ORIGINS)[number],
      z.ZodType
    >),
    failuresByReason: countsBy(FAILURE_REASONS).meta({ id: "CountsByReason" }),
    /** Messages reported both as failed and as delivered. */
    contradictions: count,
    messagesByChatKind: countsBy([...CHAT_KINDS, "unknown"]).meta({ id: "CountsByChatKind" }),
    /** Outgoing messages by price; messages without a reported price are in none. */
    messagesByPriceCategory: countsBy(PRICE_CATEGORIES).meta({ id: "CountsByPriceCategory" }),
    messagesByPriceType: countsBy(PRICE_TYPES).meta({ id: "CountsByPriceType" }),
    /** Edits, deletions, reactions and poll votes, which are not messages. */
    actions: countsBy(ACTION_TYPES).meta({ id: "CountsByAction" }),
    /** For several instances together: a chat of two counts once. The `unique…` above are sums. */
    union: z.object(unique).meta({ id: "UniqueChats" }).optional(),
    /** Everything that was answered 200 before this moment is counted. */
    asOf: z.iso.datetime(),
  })
  .meta({ id: "Metrics" });
export type Metrics = z.infer<typeof metrics>;

export const metricsAnswer = z
  .object({ success: z.literal(true), message: z.string(), metrics })
  .meta({ id: "MetricsAnswer" });

const timelineEntry = z
  .object({
    status: statusWord,
    at: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
  })
  .meta({ id: "TimelineEntry" });

const recipient = z.object({ chatId: z.string(), status: statusWord, at: z.iso.datetime() }).meta({ id: "Recipient" });

/** The `message` of `GET /messages/:instance/:idMessage`. */
export const message = z
  .object({
    idMessage: z.string(),
    chatId: z.string().nullable(),
    direction: directionWord,
    /** Who sent it; `null` for an incoming message. */
    origin: originWord.nullable(),
    type: z.string(),
    /** Its status; `null` for an incoming message. */
    status: statusWord.nullable(),
    reason: reasonWord.optional(),
    /** The gateway's text for the failure. */
    description: z.string().optional(),
    /** The gateway's own error code, unchanged. */
    code: z.string().optional(),
    /** What the gateway charges the message as, if reported. */
    price: z.object({ category: z.enum(PRICE_CATEGORIES), type: z.enum(PRICE_TYPES) }).optional(),
    /** It was reported both as failed and as delivered. */
    contradicted: z.boolean(),
    /** When a webhook showed the message itself; `null` if only statuses came. */
    observedAt: moment,
    timeline: z.array(timelineEntry),
    labels: labelList.describe("By name."),
    /** The status for each recipient, if it has several. */
    recipients: z.array(recipient).optional(),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof message>;

/** `GET /messages/all/:idMessage` */
export const messagePlacesAnswer = z.object({
  success: z.literal(true),
  messages: z
    .array(
      z.object({
        instance: z.string(),
        idInstance: z.string(),
        direction: directionWord,
        chatId: z.string().nullable(),
        status: statusWord.nullable(),
      }),
    )
    .describe("At most 100."),
});

export const messageAnswer = z.object({ success: z.literal(true), message });

export const errorAnswer = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** The chats with a message of this id, if there are several. */
    chats: z.array(z.string()).optional(),
  }),
});
