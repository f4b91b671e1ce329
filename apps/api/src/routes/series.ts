import { hourOf, type CountsReader } from "@ticktally/core";
import { seriesQuery, type SeriesCounts, type seriesAnswer, type SeriesStep } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { Authoriser } from "../authorise.ts";
import { hourCounts } from "../hour-counts.ts";
import { instanceNames } from "../instance-names.ts";
import { bucketStarts, periodOf, zoneOf, type Period } from "../period.ts";
import { queryOf } from "../request-input.ts";
import { added, bucketCounts, noCounts, seriesView } from "../series-view.ts";

export interface SeriesDeps {
  readonly counts: Pick<CountsReader, "hours">;
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

const POINTS_MAX = 1_000;
const UNASKED = { hour: { hours: 24 }, day: { days: 30 } } as const;

/**
 * `GET /metrics/:instances/series?from&to&step&tz&origin`: how many messages came in, and how many reached each status, hour
 * by hour or day by day and in total. Several instances are summed. 400 names what is wrong with the query.
 */
export function seriesRoutes({ counts, authoriser, now }: SeriesDeps): Router {
  return Router().get("/metrics/:instances/series", async (req, res) => {
    const caller = await authoriser.caller(req);
    const names = instanceNames(req.params.instances);
    const { step, tz, origin, ...asked } = queryOf(req, seriesQuery);
    const zone = zoneOf(tz);
    const seconds = now() / 1000;
    const period = periodOf(asked, zone, seconds, UNASKED[step]);
    refuseMany(period, step);
    const starts = bucketStarts(period, step, zone);
    const instances = await authoriser.instances(caller, names);
    let buckets: readonly SeriesCounts[] = starts.map(noCounts);
    for await (const hours of hourCounts(counts, instances, period))
      buckets = added(buckets, bucketCounts(hours, period, starts, origin));
    const request = { instance: names.join(","), period, step, tz, zone, nowHour: hourOf(seconds) };
    const answer: z.infer<typeof seriesAnswer> = { success: true, series: seriesView(request, starts, buckets) };
    res.json(answer);
  });
}

/** Looks before anything is made: years of hours are millions of points. */
function refuseMany({ fromHour, toHour }: Period, step: SeriesStep): void {
  const points = Math.ceil((toHour - fromHour) / (step === "hour" ? 1 : 24));
  if (points <= POINTS_MAX) return;
  const help = step === "hour" ? "ask for a shorter period, or for step=day" : "ask for a shorter period";
  throw new ApiError(
    "bad_request",
    `This would be ${String(points)} points, at most ${String(POINTS_MAX)} are given: ${help}.`,
  );
}
