import { REACHED_STATUSES } from "@ticktally/core";
import { z } from "zod";
import { count, hourEdge } from "./period-query.ts";
import { DIMENSIONS, SERIES_STEPS } from "./series-query.ts";
import { chatKindWord, directionWord, originWord, reachedWord, reasonWord, typeWord } from "../words.ts";

/** What a bucket counts: incoming messages, and how many outgoing ones reached each status in it, by event time. */
export const SERIES_COUNTS = ["received", ...REACHED_STATUSES] as const;
/** The same, plus outgoing messages by their own time. */
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
  .describe("Not rounded; `null` if the divisor is 0. By time of the event they may exceed 1: use `cohort=message`.")
  .meta({ id: "SeriesRates" });
export type SeriesRates = z.infer<typeof seriesRates>;

const seriesPoint = z
  .intersection(z.object({ at: hourEdge.describe("The beginning of the bucket.") }), seriesCounts)
  .meta({ id: "SeriesPoint" });
const totals = seriesCounts.describe("The sums of the points.");

const head = z
  .object({
    instance: z.string().describe("The requested names, or `all`."),
    from: hourEdge.describe("The beginning that was used, in whole hours."),
    to: hourEdge.describe("The end that was used, exclusive. The current hour is counted up to now."),
    completeFrom: hourEdge.describe("Hours are kept for 400 days: counts before this moment may be missing."),
    step: z.enum(SERIES_STEPS),
    tz: z.string(),
    cohort: z.enum(["event", "message"]),
  })
  .meta({ id: "SeriesHead" });

/** The `series` of `GET /metrics/:instances/series`. Counts are kept by the UTC hour, so a period is widened to whole hours. */
export const series = z
  .intersection(head, z.object({ points: z.array(seriesPoint), totals, rates: seriesRates }))
  .meta({ id: "Series" });
export type Series = z.infer<typeof series>;

const groupKey = z
  .object({
    instance: z.string().optional(),
    origin: originWord.nullable().optional().describe("`null`: incoming messages have none."),
    direction: directionWord.optional(),
    status: reachedWord.nullable().optional().describe("`null`: `received` and `messages`, which have no status."),
    reason: reasonWord.optional(),
    type: typeWord.optional(),
    chatKind: chatKindWord.optional(),
    label: z
      .string()
      .nullable()
      .optional()
      .describe("`null`: messages without a label. Messages with several labels are in each."),
    other: z.literal(true).optional().describe("The sum of all groups beyond the limit."),
  } satisfies Record<(typeof DIMENSIONS)[number] | "other", z.ZodType>)
  .meta({ id: "SeriesGroupKey" });
export type GroupKey = z.infer<typeof groupKey>;

const seriesGroup = z
  .object({ key: groupKey, points: z.array(seriesPoint), totals, rates: seriesRates })
  .meta({ id: "SeriesGroup" });
export type SeriesGroup = z.infer<typeof seriesGroup>;

/** The `series` if the query has `groupBy`: largest groups first, without empty ones. */
export const groupedSeries = z
  .intersection(head, z.object({ groupBy: z.array(z.enum(DIMENSIONS)), groups: z.array(seriesGroup) }))
  .meta({ id: "GroupedSeries" });
export type GroupedSeries = z.infer<typeof groupedSeries>;

export const seriesAnswer = z.object({ success: z.literal(true), series }).meta({ id: "SeriesAnswer" });
export const groupedSeriesAnswer = z
  .object({ success: z.literal(true), series: groupedSeries })
  .meta({ id: "GroupedSeriesAnswer" });

/** Without `groupBy` the first form. */
export const seriesOrGroupsAnswer = z.union([seriesAnswer, groupedSeriesAnswer]);
