import { hourOf, type CountsReader, type MessageLister } from "@ticktally/core";
import { failuresQuery, type Failures, type failuresAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { askedInstances, type AskedInstances, type AskedInstancesDeps } from "./asked-instances.ts";
import { isCsvWanted, sendCsv } from "../csv/send-csv.ts";
import { failuresTable } from "../csv/tables.ts";
import { failureCounts, failureExamples, FAILURE_SLOTS, type FailedMessage } from "./failures-view.ts";
import { HOURS_KEPT, hourText, periodOf, zoneOf, type Period } from "./period.ts";
import { queryOf } from "../http/request-input.ts";
import type { Group } from "../series/top-groups.ts";
import { slotCounts } from "./slot-counts.ts";
import type { TimedCountsDeps } from "./timed-counts.ts";

export interface FailuresDeps extends TimedCountsDeps, AskedInstancesDeps {
  readonly counts: Pick<CountsReader, "eachCount" | "totals">;
  readonly lists: Pick<MessageLister, "recentFailures">;
  /** Unix ms */
  readonly now: () => number;
}

/** Of so many instances examples are looked for. */
const EXAMPLES_OF_MAX = 500;

/**
 * `GET /metrics/:instances/failures?from&to&tz&groupBy&limit`: why messages failed, over all time or in a period of the last 400 days, and
 * which failed last. Several instances are summed, and told apart with `groupBy=instance`.
 */
export function failuresRoutes(deps: FailuresDeps): Router {
  return Router().get("/metrics/:instances/failures", async (req, res) => {
    const asked = await askedInstances(req, deps);
    const { tz, groupBy, limit, format, ...limits } = queryOf(req, failuresQuery);
    const zone = zoneOf(tz);
    const isBounded = limits.from !== undefined || limits.to !== undefined;
    const period = isBounded ? periodOf(limits, zone, deps.now() / 1000, { hours: HOURS_KEPT }) : undefined;
    const { all, groups } = await slotCounts(deps, {
      instances: asked.instances,
      slots: FAILURE_SLOTS,
      source: "hours",
      time: period && { from: period.fromHour, to: period.toHour },
      groups: groupBy === undefined ? EXAMPLES_OF_MAX : limit,
      isWanted: () => !res.destroyed,
    });
    const failures: Failures = {
      instance: asked.echo,
      from: period === undefined ? null : hourText(period.fromHour, zone),
      to: period === undefined ? null : hourText(period.toHour, zone),
      ...failureCounts(all),
      examples: [...failureExamples(await failed(deps, asked, groups), (at) => isIn(period, at))],
      ...(groupBy === undefined ? {} : { groups: groups.map(({ key, cells }) => ({ key, ...failureCounts(cells) })) }),
    };
    if (isCsvWanted(req, format)) return sendCsv(res, failuresTable(failures));
    const answer: z.infer<typeof failuresAnswer> = { success: true, failures };
    return res.json(answer);
  });
}

/** The messages that failed last, of those instances where any did. */
async function failed(
  { lists }: FailuresDeps,
  { instances }: AskedInstances,
  groups: readonly Group[],
): Promise<readonly FailedMessage[]> {
  const names = new Set(groups.map(({ key }) => key.instance));
  const isMore = instances.length > EXAMPLES_OF_MAX;
  const found: FailedMessage[] = [];
  for (const { id, name } of instances) {
    if (isMore && !names.has(name)) continue;
    const records = await lists.recentFailures(id);
    found.push(...records.map((record) => ({ instance: name, record })));
  }
  return found;
}

function isIn(period: Period | undefined, at: number): boolean {
  return period === undefined || (hourOf(at) >= period.fromHour && hourOf(at) < period.toHour);
}
