import type { CountsReader } from "@ticktally/core";
import { latencyQuery, type latencyAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import type { Authoriser } from "../authorise.ts";
import { instanceNames } from "../instance-names.ts";
import { latencyView } from "../latency-view.ts";
import { queryOf } from "../request-input.ts";

export interface LatencyDeps {
  readonly counts: Pick<CountsReader, "totals">;
  readonly authoriser: Authoriser;
}

/**
 * `GET /metrics/:instances/latency`: how long messages took from one status to the next, all there ever were. Quantiles are told
 * from a histogram, as Prometheus's `histogram_quantile` tells them.
 */
export function latencyRoutes({ counts, authoriser }: LatencyDeps): Router {
  return Router().get("/metrics/:instances/latency", async (req, res) => {
    const caller = await authoriser.caller(req);
    const names = instanceNames(req.params.instances);
    queryOf(req, latencyQuery);
    const instances = await authoriser.instances(caller, names);
    const totals = await counts.totals(instances.map(({ id }) => id));
    const latency = latencyView(
      names.join(","),
      totals.map((total) => total.counts),
    );
    const answer: z.infer<typeof latencyAnswer> = { success: true, latency };
    res.json(answer);
  });
}
