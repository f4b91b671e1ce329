import type { CountsReader } from "@ticktally/core";
import { latencyQuery, type Latencies, type latencyAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { askedInstances, type AskedInstancesDeps } from "./asked-instances.ts";
import { isCsvWanted, sendCsv } from "../csv/send-csv.ts";
import { latencyTable } from "../csv/tables.ts";
import { isKnownPast } from "./past-etag.ts";
import { LATENCY_SLOTS, LatencyDays, latencyView, waitsIn } from "./latency-view.ts";
import { HOURS_KEPT, hourText, periodOf, zoneOf } from "../series/period.ts";
import { queryOf } from "../http/request-input.ts";
import { slotCounts } from "./slot-counts.ts";
import type { TimedCountsDeps } from "./timed-counts.ts";

const DAYS_UNASKED = 30;

export interface LatencyDeps extends TimedCountsDeps, AskedInstancesDeps {
  readonly counts: Pick<CountsReader, "eachCount" | "pastVersions" | "totals">;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * `GET /metrics/:instances/latency?from&to&tz&step&groupBy&limit`: how long messages took from one status to the next, all there ever were or
 * those of a period, widened to whole UTC days. Quantiles are estimated from a histogram, like Prometheus's `histogram_quantile`.
 */
export function latencyRoutes(deps: LatencyDeps): Router {
  return Router().get("/metrics/:instances/latency", async (req, res) => {
    const asked = await askedInstances(req, deps);
    const { tz, step, groupBy, limit, format, ...limits } = queryOf(req, latencyQuery);
    const zone = zoneOf(tz);
    const isBounded = limits.from !== undefined || limits.to !== undefined || step !== undefined;
    const unasked = step === undefined ? { hours: HOURS_KEPT } : { days: DAYS_UNASKED };
    const hours = isBounded ? periodOf(limits, zone, deps.now() / 1000, unasked) : undefined;
    const days = hours && { from: Math.floor(hours.fromHour / 24), to: Math.ceil(hours.toHour / 24) };
    const isCsv = isCsvWanted(req, format);
    const past = days && { fromHour: days.from * 24, toHour: days.to * 24, isCsv };
    const byDay = step === undefined || days === undefined ? undefined : new LatencyDays(days);
    if (past !== undefined && (await isKnownPast(req, res, deps, asked, past))) return undefined;
    const { all, groups } = await slotCounts(deps, {
      instances: asked.instances,
      slots: LATENCY_SLOTS,
      source: "latencies",
      time: days,
      groups: limit,
      sizeOf: waitsIn,
      isWanted: () => !res.destroyed,
      ...(byDay === undefined ? {} : { also: byDay.take }),
    });
    const latency: Latencies = {
      instance: asked.echo,
      from: days === undefined ? null : hourText(days.from * 24, zone),
      to: days === undefined ? null : hourText(days.to * 24, zone),
      stages: latencyView(all),
      ...(byDay === undefined
        ? {}
        : { points: byDay.points().map(({ day, stages }) => ({ at: hourText(day * 24, zone), stages })) }),
      ...(groupBy === undefined
        ? {}
        : { groups: groups.map(({ key, cells }) => ({ key, stages: latencyView(cells) })) }),
    };
    if (isCsv) return sendCsv(res, latencyTable(latency));
    const answer: z.infer<typeof latencyAnswer> = { success: true, latency };
    return res.json(answer);
  });
}
