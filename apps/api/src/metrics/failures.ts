import { hourOf, type CountsReader, type MessageLister, type RegisteredInstance } from "@ticktally/core";
import { failuresQuery, type FailureExample, type Failures, type failuresAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { askedInstances, type AskedInstances, type AskedInstancesDeps } from "./asked-instances.ts";
import { isCsvWanted, sendCsv } from "../csv/send-csv.ts";
import { failuresTable } from "../csv/tables.ts";
import { failureCounts, failureExamples, FAILURE_SLOTS, type FailedMessage } from "./failures-view.ts";
import { isKnownPast } from "./past-etag.ts";
import { HOURS_KEPT, hourText, periodOf, zoneOf, type Period } from "../series/period.ts";
import { queryOf } from "../http/request-input.ts";
import type { Group } from "../series/top-groups.ts";
import { slotCounts } from "./slot-counts.ts";
import type { TimedCountsDeps } from "./timed-counts.ts";

export interface FailuresDeps extends TimedCountsDeps, AskedInstancesDeps {
  readonly counts: Pick<CountsReader, "eachCount" | "pastVersions" | "totals">;
  readonly lists: Pick<MessageLister, "recentFailures">;
  /** Unix ms */
  readonly now: () => number;
}

/** Examples are searched in this many instances. */
const EXAMPLES_OF_MAX = 500;

/**
 * `GET /metrics/:instances/failures?from&to&tz&groupBy&limit`: why messages failed, over all time or in a period of the last 400 days, and
 * which failed last. Several instances are summed, or shown separately with `groupBy=instance`.
 */
export function failuresRoutes(deps: FailuresDeps): Router {
  return Router().get("/metrics/:instances/failures", async (req, res) => {
    const asked = await askedInstances(req, deps);
    const { tz, groupBy, limit, format, ...limits } = queryOf(req, failuresQuery);
    const zone = zoneOf(tz);
    const isBounded = limits.from !== undefined || limits.to !== undefined;
    const period = isBounded ? periodOf(limits, zone, deps.now() / 1000, { hours: HOURS_KEPT }) : undefined;
    const isCsv = isCsvWanted(req, format);
    const examplesOf = async (instances: readonly RegisteredInstance[]) =>
      failureExamples(await failed(deps, instances), (at) => isIn(period, at));
    // The kept examples may change without a change of the counts.
    let examples: readonly FailureExample[] | undefined;
    const besides = async () => {
      examples = await examplesOf(asked.instances);
      return examples;
    };
    const isFew = asked.instances.length <= EXAMPLES_OF_MAX;
    if (period !== undefined && isFew && (await isKnownPast(req, res, deps, asked, { ...period, isCsv, besides })))
      return undefined;
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
      examples: [...(examples ?? (await examplesOf(withFailures(asked, groups))))],
      ...(groupBy === undefined ? {} : { groups: groups.map(({ key, cells }) => ({ key, ...failureCounts(cells) })) }),
    };
    if (isCsv) return sendCsv(res, failuresTable(failures));
    const answer: z.infer<typeof failuresAnswer> = { success: true, failures };
    return res.json(answer);
  });
}

/** If there are many instances, those with the most failures. */
function withFailures({ instances }: AskedInstances, groups: readonly Group[]): readonly RegisteredInstance[] {
  if (instances.length <= EXAMPLES_OF_MAX) return instances;
  const names = new Set(groups.map(({ key }) => key.instance));
  return instances.filter(({ name }) => names.has(name));
}

/** The most recent failures. */
async function failed(
  { lists }: FailuresDeps,
  instances: readonly RegisteredInstance[],
): Promise<readonly FailedMessage[]> {
  const found: FailedMessage[] = [];
  for (const { id, name } of instances) {
    const records = await lists.recentFailures(id);
    found.push(...records.map((record) => ({ instance: name, record })));
  }
  return found;
}

function isIn(period: Period | undefined, at: number): boolean {
  return period === undefined || (hourOf(at) >= period.fromHour && hourOf(at) < period.toHour);
}
