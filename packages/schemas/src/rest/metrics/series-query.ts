import { z } from "zod";
import { csvFormat } from "./csv-format.ts";
import { labelName } from "../labels.ts";
import { periodQuery } from "./period-query.ts";
import { chatKindWord, directionWord, originWord, reachedWord, reasonWord, typeWord } from "../words.ts";

export const SERIES_STEPS = ["hour", "day", "week", "month", "total"] as const;
export type SeriesStep = (typeof SERIES_STEPS)[number];

/** The dimensions of counts. */
export const DIMENSIONS = ["instance", "origin", "direction", "status", "reason", "type", "chatKind", "label"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The pairs of dimensions that are counted together, besides `instance` with any. */
export const GROUP_PAIRS = [
  ["direction", "origin"],
  ["origin", "status"],
  ["status", "reason"],
  ["label", "status"],
  ["label", "reason"],
] as const satisfies readonly (readonly Dimension[])[];

export const GROUPS_MAX = 1_000;

/** One or two dimensions, separated by a comma. */
const groupBy = z
  .string()
  .max(64)
  .transform((list, context): readonly Dimension[] => {
    const words = list.split(",").map((word) => word.trim());
    const known = DIMENSIONS.filter((dimension) => words.includes(dimension));
    const isEach = known.length === words.length && words.length <= 2;
    if (!isEach) context.addIssue(`must be one or two of ${DIMENSIONS.join(", ")}, separated by a comma`);
    // In the order asked.
    return words.flatMap((word) => known.filter((dimension) => dimension === word));
  });

/** The query of `GET /metrics/:instances/series`. */
export const seriesQuery = z.strictObject({
  ...periodQuery,
  step: z
    .enum(SERIES_STEPS)
    .default("day")
    .describe(
      "Length of a bucket. Days, ISO weeks (from Monday) and months begin at midnight in `tz`; `total` is one bucket.",
    ),
  cohort: z
    .enum(["event", "message"])
    .default("event")
    .describe(
      "When a status counts: `event`, when it was reached; `message`, in the bucket of its message, to ask how many of the messages sent in October arrived.",
    ),
  groupBy: groupBy
    .optional()
    .describe(
      `Group counts by one of ${DIMENSIONS.join(", ")}, or by two: \`instance\` with any other, ${GROUP_PAIRS.map((pair) => `\`${pair.join()}\``).join(", ")}. Filters count as dimensions.`,
    ),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(GROUPS_MAX)
    .optional()
    .describe("Maximum number of groups (100); the rest is summed as the group `other`."),
  origin: originWord
    .optional()
    .describe("Count only outgoing messages of this origin; `received` always counts all incoming ones."),
  direction: directionWord.optional().describe("Count only messages of this direction."),
  status: reachedWord.optional().describe("Count only this status."),
  reason: reasonWord.optional().describe("Count only failures for this reason."),
  type: typeWord
    .optional()
    .describe("Count only messages of this type; only `received`, `sent` and `messages` are counted by type."),
  chatKind: chatKindWord

    .optional()
    .describe("Count only messages in chats of this kind; only `received`, `sent` and `messages` are counted by it."),
  label: labelName.optional().describe("Count only outgoing messages that have this label."),
  ...csvFormat,
});
export type SeriesQuery = z.infer<typeof seriesQuery>;
