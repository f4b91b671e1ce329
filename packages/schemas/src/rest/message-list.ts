import { MESSAGE_STATUSES, type MessageStatus } from "@ticktally/core";
import { z } from "zod";
import { csvFormat } from "./metrics/csv-format.ts";
import { labelName } from "./labels.ts";
import { message } from "./metrics/metrics-answer.ts";
import { periodQuery } from "./metrics/period-query.ts";
import { directionWord, originWord, reasonWord, typeWord } from "./words.ts";

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

const statuses = z.string().transform((list, context): readonly MessageStatus[] => {
  const words = list.split(",").map((word) => word.trim());
  const known = MESSAGE_STATUSES.filter((status) => words.includes(status));
  const strangers = words.filter((word) => !MESSAGE_STATUSES.some((status) => status === word));
  if (strangers.length > 0)
    context.addIssue(`must be one or several of ${MESSAGE_STATUSES.join(", ")}, separated by commas`);
  return known;
});

const durationSeconds = z.string().transform((text, context): number => {
  const [, amount, unit = "s"] = /^(\d{1,9})([smhd])?$/i.exec(text.trim()) ?? [];
  if (amount === undefined) context.addIssue("must be a duration, such as 30s, 10m, 2h or 3d; without a unit, seconds");
  return Number(amount) * (UNIT_SECONDS[unit.toLowerCase()] ?? 1);
});

/** The query of `GET /messages/:instance/:idMessage`. */
export const messageQuery = z.strictObject({
  chatId: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("The message's chat, for gateways whose ids are unique only within a chat."),
});

/** The query of `GET /messages/:instance`. */
export const messageListQuery = z.strictObject({
  status: statuses
    .optional()
    .describe(`Status of outgoing messages: one or several of ${MESSAGE_STATUSES.join(", ")}.`),
  origin: originWord.optional().describe("Who sent the outgoing messages."),
  direction: directionWord.optional(),
  type: typeWord.optional(),
  reason: reasonWord.optional().describe("Why outgoing messages failed."),
  label: labelName.optional().describe("Outgoing messages that have this label."),
  olderThan: durationSeconds
    .optional()
    .describe("No update about the message for at least this long: `30s`, `10m`, `2h`, `3d`, or seconds."),
  ...periodQuery,
  cursor: z.string().optional().describe("`nextCursor` of the previous page."),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("Messages per page."),
  ...csvFormat,
});
export type MessageListQuery = z.infer<typeof messageListQuery>;

/** The answer to `GET /messages/:instance`: newest first by when they were first seen. */
export const messageListAnswer = z.object({
  success: z.literal(true),
  messages: z.array(message),
  nextCursor: z
    .string()
    .nullable()
    .describe(
      "The cursor of the next page; `null` on the last page. A page may be short or even empty without being the last.",
    ),
});
