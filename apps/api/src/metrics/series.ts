import { hourOf, LABELS_MAX, type CountsReader } from "@ticktally/core";
import {
  GROUPS_MAX,
  seriesQuery,
  type groupedSeriesAnswer,
  type seriesAnswer,
  type SeriesQuery,
  type SeriesStep,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import { askedInstances, type AskedInstances, type AskedInstancesDeps } from "./asked-instances.ts";
import { isCsvWanted, sendCsv } from "../csv/send-csv.ts";
import { groupedSeriesTable, seriesTable } from "../csv/tables.ts";
import { isKnownPast } from "./past-etag.ts";
import { bucketsAtLeast, bucketStarts, periodOf, zoneOf, type Period } from "../series/period.ts";
import { queryOf } from "../http/request-input.ts";
import { bucketsOf, cellPlaces, SeriesCells } from "../series/cells.ts";
import { dimensionsOf } from "../series/dimensions.ts";
import { CellsLeft, LabelCells } from "../series/label-cells.ts";
import { groupedSeriesView, seriesView, type SeriesRequest } from "../series/series-view.ts";
import { targetsOf, type Targets } from "../series/targets.ts";
import { TopGroups, type Group } from "../series/top-groups.ts";
import { readTimedCounts, type TimedCountsDeps } from "./timed-counts.ts";

export interface SeriesDeps extends TimedCountsDeps, AskedInstancesDeps {
  readonly counts: Pick<CountsReader, "eachCount" | "pastVersions">;
  /** Unix ms */
  readonly now: () => number;
}

const POINTS_MAX = 1_000;
const CELLS_MAX = 10_000;
const GROUPS_UNASKED = 100;
const UNASKED = {
  hour: { hours: 24 },
  day: { days: 30 },
  week: { weeks: 12 },
  month: { months: 12 },
  total: { days: 30 },
} as const;

/**
 * `GET /metrics/:instances/series?from&to&step&tz&cohort&groupBy&limit` and filters: how many messages came in, and how many
 * reached each status, in each bucket of time and in total. Several instances are summed. 400 names what is wrong with the query.
 */
export function seriesRoutes(deps: SeriesDeps): Router {
  return Router().get("/metrics/:instances/series", async (req, res) => {
    const asked = await askedInstances(req, deps);
    const query = queryOf(req, seriesQuery);
    const dimensions = dimensionsOf(query);
    const zone = zoneOf(query.tz);
    const seconds = deps.now() / 1000;
    const period = periodOf(query, zone, seconds, UNASKED[query.step]);
    refuseMany(period, query.step);
    const starts = bucketStarts(period, query.step, zone);
    const targets = targetsOf(dimensions, query.cohort);
    const limit = groupLimit(query, targets, asked, starts.length);
    const isCsv = isCsvWanted(req, query.format);
    if (await isKnownPast(req, res, deps, asked, { ...period, isCsv })) return undefined;
    const groups = await groupsOf(deps, { asked, query, period, starts, targets, limit }, () => !res.destroyed);
    const { hasRates } = targets;
    const request: SeriesRequest = {
      instance: asked.echo,
      period,
      query,
      zone,
      nowHour: hourOf(seconds),
      starts,
      hasRates,
    };
    if (query.groupBy === undefined) {
      const [all] = groups;
      const series = seriesView(request, all?.cells ?? new Float64Array(0));
      if (isCsv) return sendCsv(res, seriesTable(series));
      const answer: z.infer<typeof seriesAnswer> = { success: true, series };
      return res.json(answer);
    }
    const series = await groupedSeriesView(request, groups);
    if (isCsv) return sendCsv(res, groupedSeriesTable(series));
    const answer: z.infer<typeof groupedSeriesAnswer> = { success: true, series };
    return res.json(answer);
  });
}

interface GroupsRequest {
  readonly asked: AskedInstances;
  readonly query: SeriesQuery;
  readonly period: Period;
  readonly starts: readonly number[];
  readonly targets: Targets;
  readonly limit: number;
}

/** Without `groupBy` there is one group, or none. */
async function groupsOf(
  deps: SeriesDeps,
  { asked, query, period, starts, targets, limit }: GroupsRequest,
  isWanted: () => boolean,
): Promise<readonly Group[]> {
  const { fromHour, toHour } = period;
  const buckets = bucketsOf(period, starts);
  const top = new TopGroups(limit);
  const left = new CellsLeft();
  const { labels } = targets;
  const places = cellPlaces(targets, fromHour, buckets, starts.length);
  const ofLabel = cellPlaces(labels ?? targets, fromHour, buckets, starts.length);
  const collect = (name: string) => {
    const all = new SeriesCells(places);
    const ofLabels = labels && new LabelCells(labels, all, ofLabel, left);
    const end = () => {
      const add = (key: Group["key"], cells: Float64Array) => {
        top.add(keyInOrder(query, name, key), cells);
      };
      targets.keys.forEach((key, place) => {
        add(key, all.group(place));
      });
      ofLabels?.each(add);
      ofLabels?.end();
    };
    const takes = { take: all.take, ...(ofLabels === undefined ? {} : { takeLabel: ofLabels.take }) };
    return { takes, end };
  };
  const isByInstance = query.groupBy?.includes("instance") === true;
  const together = collect("");
  await readTimedCounts(
    deps,
    { instances: asked.instances, sources: targets.sources, from: fromHour, to: toHour, isWanted },
    ({ name }) => {
      if (!isByInstance) return together.takes;
      const { takes, end } = collect(name);
      return { ...takes, end };
    },
  );
  if (!isByInstance) together.end();
  return top.groups();
}

/** As `groupBy` names them. */
function keyInOrder({ groupBy = [] }: SeriesQuery, instance: string, key: Group["key"]): Group["key"] {
  const whole = { instance, ...key };
  return Object.fromEntries(groupBy.map((dimension) => [dimension, whole[dimension]]));
}

/** Looks before anything is made: years of hours are millions of points. */
function refuseMany(period: Period, step: SeriesStep): void {
  const points = bucketsAtLeast(period, step);
  if (points <= POINTS_MAX) return;
  const help = step === "hour" ? "ask for a shorter period, or for step=day" : "ask for a shorter period";
  throw new ApiError(
    "bad_request",
    `This would be ${String(points)} points, and the maximum is ${String(POINTS_MAX)}: ${help}.`,
  );
}

/** How many groups are distinguished, so that an answer has at most so many cells: points × groups. @throws {ApiError} bad_request */
function groupLimit(
  { groupBy = [], limit }: SeriesQuery,
  { keys, labels }: Targets,
  { instances }: AskedInstances,
  points: number,
) {
  const ofLabels = (labels?.keys.length ?? 0) * (labels?.label === undefined ? LABELS_MAX : 1);
  const possible = (keys.length + ofLabels) * (groupBy.includes("instance") ? Math.max(1, instances.length) : 1);
  const most = Math.max(1, Math.floor(CELLS_MAX / points) - 1);
  if (limit === undefined) return Math.min(GROUPS_UNASKED, possible <= most + 1 ? possible : most);
  const groups = Math.min(limit < possible ? limit + 1 : limit, Math.max(1, possible), GROUPS_MAX + 1);
  if (groups * points <= CELLS_MAX) return limit;
  throw new ApiError(
    "bad_request",
    `This would be up to ${String(groups)} groups × ${String(points)} points, and the maximum is ${String(CELLS_MAX)}: lower \`limit\`, or ask for a longer step or a shorter period.`,
  );
}
