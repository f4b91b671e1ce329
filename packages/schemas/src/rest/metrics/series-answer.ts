import { CHAT_KINDS, DIRECTIONS, MESSAGE_TYPES, REACHED_STATUSES } from "@ticktally/core";
import { z } from "zod";
import { count, hourEdge } from "./period-query.ts";
import { DIMENSIONS, SERIES_STEPS } from "./series-query.ts";
import { originWord, reachedWord, reasonWord } from "../words.ts";

/** What a bucket counts: incoming messages, and how many outgoing ones reached each status in it, by event time. */
export const SERIES_COUNTS = ["received", ...REACHED_STATUSES] as const;
/** The same, and outgoing messages by their own time. */
export const SERIES_COLUMNS = [...SERIES_COUNTS, "messages"] as const;
const seriesCounts = z
  .object({
    received: count,
    sent: count,
    delivered: count,
    read: count,
    played: count,
    failed: count,
    noAccount: count,
    notInGroup: count,
    noActiveSession: count,
    messages: count.describe("Outgoing messages, by their own time."),
  } satisfies Record<(typeof SERIES_COLUMNS)[number], z.ZodType>)
  .meta({ id: "SeriesCounts" });
export type SeriesCounts = z.infer<typeof seriesCounts>;

const rate = z.number().nonnegative().nullable();
const seriesRates = z
  .object({
    deliveredRate: rate.describe("`delivered` ÷ `sent`."),
    readRate: rate.describe("`read` ÷ `delivered`."),
    failureRate: rate.describe("All failures ÷ `messages`."),
  })
  .meta({ id: "SeriesRates" })
  .describe("Not rounded; `null` over nothing. By the time of the event they may exceed 1: use `cohort=message`.");
export type SeriesRates = z.infer<typeof seriesRates>;

const seriesPoint = seriesCounts
  .extend({ at: hourEdge.describe("Where the bucket begins.") })
  .meta({ id: "SeriesPoint" });
const totals = seriesCounts.describe("The sums of the points.");

const head = {
  instance: z.string().describe("The names asked for, separated by commas; or `all`."),
  from: hourEdge.describe("The beginning that was used: the hour that holds the one asked for."),
  to: hourEdge.describe("The end that was used, not included. The running hour is counted as far as it has come."),
  completeFrom: hourEdge.describe("Hours are kept 400 days: before this moment counts may be missing."),
  step: z.enum(SERIES_STEPS),
  tz: z.string(),
  cohort: z.enum(["event", "message"]),
};

/** The `series` of `GET /metrics/:instances/series`. Counts are kept by the UTC hour, so a period is widened to whole hours. */
export const series = z
  .object({ ...head, points: z.array(seriesPoint), totals, rates: seriesRates })
  .meta({ id: "Series" });
export type Series = z.infer<typeof series>;

const groupKey = z
  .object({
    instance: z.string().optional(),
    origin: originWord.nullable().optional().describe("`null`: incoming messages have none."),
    direction: z.enum(DIRECTIONS).optional(),
    status: reachedWord.nullable().optional().describe("`null`: `received` and `messages`, which have none."),
    reason: reasonWord.optional(),
    type: z.enum([...MESSAGE_TYPES, "unknown"]).optional(),
    chatKind: z.enum([...CHAT_KINDS, "unknown"]).optional(),
    label: z
      .string()
      .nullable()
      .optional()
      .describe("`null`: messages without a label. Those with several are in each."),
    other: z.literal(true).optional().describe("The sum of all groups beyond the limit."),
  } satisfies Record<(typeof DIMENSIONS)[number] | "other", z.ZodType>)
  .meta({ id: "SeriesGroupKey" });
export type GroupKey = z.infer<typeof groupKey>;

const seriesGroup = z
  .object({ key: groupKey, points: z.array(seriesPoint), totals, rates: seriesRates })
  .meta({ id: "SeriesGroup" });
export type SeriesGroup = z.infer<typeof seriesGroup>;

/** The `series` where the query has `groupBy`: largest groups first, those without a count left out. */
export const groupedSeries = z
  .object({ ...head, groupBy: z.array(z.enum(DIMENSIONS)), groups: z.array(seriesGroup) })
  .meta({ id: "GroupedSeries" });
export type GroupedSeries = z.infer<typeof groupedSeries>;

export const seriesAnswer = z.object({ success: z.literal(true), series }).meta({ id: "SeriesAnswer" });
export const groupedSeriesAnswer = z
  .object({ success: z.literal(true), series: groupedSeries })
  .meta({ id: "GroupedSeriesAnswer" });

/** Without `groupBy` the first. */
export const seriesOrGroupsAnswer = z.union([seriesAnswer, groupedSeriesAnswer]);
