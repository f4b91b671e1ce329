import { hourOf, type CountsReader, type MessageLister, type RegisteredInstance } from "@ticktally/core";
import { failuresQuery, type Failures, type failuresAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import type { Authoriser } from "../authorise.ts";
import { failureCounts, failureExamples, type FailedMessage } from "../failures-view.ts";
import { HOURS_KEPT, hourCounts } from "../hour-counts.ts";
import { instanceNames } from "../instance-names.ts";
import { hourText, periodOf, zoneOf, type Period } from "../period.ts";
import { queryOf } from "../request-input.ts";

export interface FailuresDeps {
  readonly counts: Pick<CountsReader, "hours" | "totals">;
  readonly lists: Pick<MessageLister, "recentFailures">;
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * `GET /metrics/:instances/failures?from&to&tz`: why messages failed, over all time or in a period of the last 400 days, and
 * which failed last. Several instances are summed.
 */
export function failuresRoutes({ counts, lists, authoriser, now }: FailuresDeps): Router {
  return Router().get("/metrics/:instances/failures", async (req, res) => {
    const caller = await authoriser.caller(req);
    const names = instanceNames(req.params.instances);
    const { tz, ...asked } = queryOf(req, failuresQuery);
    const zone = zoneOf(tz);
    const isBounded = asked.from !== undefined || asked.to !== undefined;
    const period = isBounded ? periodOf(asked, zone, now() / 1000, { hours: HOURS_KEPT }) : undefined;
    const instances = await authoriser.instances(caller, names);
    const failures: Failures = {
      instance: names.join(","),
      from: period === undefined ? null : hourText(period.fromHour, zone),
      to: period === undefined ? null : hourText(period.toHour, zone),
      ...failureCounts(period === undefined ? await totals(instances) : await hoursOf(instances, period)),
      examples: [...failureExamples(await failed(instances), (at) => isIn(period, at))],
    };
    const answer: z.infer<typeof failuresAnswer> = { success: true, failures };
    res.json(answer);
  });

  async function totals(instances: readonly RegisteredInstance[]) {
    const all = await counts.totals(instances.map(({ id }) => id));
    return all.map((total) => total.counts);
  }

  async function hoursOf(instances: readonly RegisteredInstance[], period: Period) {
    const readings = [];
    for await (const hours of hourCounts(counts, instances, period)) readings.push(...hours.values());
    return readings;
  }

  async function failed(instances: readonly RegisteredInstance[]): Promise<readonly FailedMessage[]> {
    const found: FailedMessage[] = [];
    for (const { id, name } of instances) {
      const records = await lists.recentFailures(id);
      found.push(...records.map((record) => ({ instance: name, record })));
    }
    return found;
  }
}

function isIn(period: Period | undefined, at: number): boolean {
  return period === undefined || (hourOf(at) >= period.fromHour && hourOf(at) < period.toHour);
}
