import { FAILURES } from "@ticktally/core";
import { z } from "zod";

/**
 * Requests of GREEN-API's own clients and the answers they expect, at `/waInstance{idInstance}/{method}/{apiTokenInstance}`. Texts, names
 * and files are not kept, so their fields are left out, and so is everything that no webhook has reported.
 */

const JOURNAL_MINUTES_MAX = 43_200;

/** The query of `lastOutgoingMessages` and `lastIncomingMessages`. */
export const journalQuery = z.object({
  minutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(JOURNAL_MINUTES_MAX)
    .default(1440)
    .describe("Messages of the last minutes, by their own time."),
});

/** The query of `getStatusStatistic`. */
export const statusStatisticQuery = z.object({
  idMessage: z.string().min(1),
  chatId: z.string().min(1).optional().describe("For ids that are unique only within a chat: Telegram, MAX."),
});

/**
 * The body of `getMessage`. `chatId` selects a message only where ids are unique only within a chat; elsewhere a chat may be reported under
 * several ids.
 */
export const getMessageBody = z.object({ chatId: z.string().min(1), idMessage: z.string().min(1) });

/** GREEN-API's words; it has none for `played`, which is `read` there. */
const statusMessage = z
  .enum(["pending", "yellowCard", "sent", "delivered", "read", ...FAILURES])
  .meta({ id: "GreenApiStatus" });
export type StatusMessage = z.infer<typeof statusMessage>;

const journalMessage = z.object({
  idMessage: z.string(),
  timestamp: z.number().int(),
  typeMessage: z.string().optional(),
  chatId: z.string(),
});

const outgoingJournalMessage = journalMessage.extend({
  type: z.literal("outgoing"),
  statusMessage,
  sendByApi: z.boolean().optional(),
});

const incomingJournalMessage = journalMessage.extend({
  type: z.literal("incoming"),
  senderId: z.string().optional(),
});

/** The answer of `getMessage`. */
export const journalMessageAnswer = z
  .discriminatedUnion("type", [outgoingJournalMessage, incomingJournalMessage])
  .describe(
    "`timestamp`: Unix seconds; of an outgoing message those of the latest report about it. What no webhook has reported yet is left out, but `chatId` is empty. `senderId` is present for individual chats.",
  )
  .meta({ id: "GreenApiMessage" });
export type JournalMessage = z.infer<typeof journalMessageAnswer>;

/** The answer of `lastOutgoingMessages` and `lastIncomingMessages`: newest first, at most 10,000, out of the 200,000 most recently seen. */
export const journalAnswer = z.array(journalMessageAnswer).meta({ id: "GreenApiJournal" });

/** The answer of `getStatusStatistic`: one for each recipient the message has reached or failed to reach. */
export const statusStatisticAnswer = z.array(
  z.object({ timestamp: z.number().int(), participant: z.string(), status: statusMessage }),
);
export type StatusStatistic = z.infer<typeof statusStatisticAnswer>;

/** The answer of `getStateInstance`: what the gateway last reported; `null` if it never did. */
export const stateInstanceAnswer = z.object({ stateInstance: z.string().nullable() });

/** The answer of `getSettings`. The gateway keeps these settings: ask it for fields that are empty here. */
export const gatewaySettingsAnswer = z.object({ wid: z.literal(""), webhookUrl: z.literal("") });

export const gatewayErrorAnswer = z.object({ message: z.string() });
