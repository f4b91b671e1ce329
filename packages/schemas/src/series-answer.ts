import { ORIGINS, REACHED_STATUSES } from "@ticktally/core";
import { z } from "zod";
import { count, hourEdge, periodQuery } from "./period-query.ts";

export const SERIES_STEPS = ["hour", "day"] as const;
export type SeriesStep = (typeof SERIES_STEPS)[number];

/** The query of `GET /metrics/:instances/series`. */
export const seriesQuery = z.strictObject({
  ...periodQuery,
  step: z.enum(SERIES_STEPS).default("day").describe("Length of a bucket. Days begin at midnight in `tz`."),
  origin: z
    .enum(ORIGINS)
    .optional()
    .describe("Count only outgoing messages sent so; `received` is of all incoming ones whatever is asked."),
});

/** What a bucket counts: incoming messages, and how many outgoing ones reached each status in it, by event time. */
export const SERIES_COUNTS = ["received", ...REACHED_STATUSES] as const;
const seriesCounts = z.object({
  received: count,
  sent: count,
  delivered: count,
  read: count,
  played: count,
  failed: count,
  noAccount: count,
  notInGroup: count,
  noActiveSession: count,
} satisfies Record<(typeof SERIES_COUNTS)[number], typeof count>);
export type SeriesCounts = z.infer<typeof seriesCounts>;

/** The `series` of `GET /metrics/:instances/series`. Counts are kept by the UTC hour, so a period is widened to whole hours. */
export const series = z.object({
  instance: z.string().describe("The names asked for, separated by commas."),
  from: hourEdge.describe("The beginning that was used: the hour that holds the one asked for."),
  to: hourEdge.describe("The end that was used, not included. The running hour is counted as far as it has come."),
  completeFrom: hourEdge.describe("Hours are kept 400 days: before this moment counts may be missing."),
  step: z.enum(SERIES_STEPS),
  tz: z.string(),
  points: z.array(seriesCounts.extend({ at: hourEdge.describe("Where the bucket begins.") })),
  totals: seriesCounts.describe("The sums of the points."),
});
export type Series = z.infer<typeof series>;

export const seriesAnswer = z.object({ success: z.literal(true), series });
