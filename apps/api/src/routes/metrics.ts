import type { ChatUnionReader, CountsReader, QueueReader } from "@ticktally/core";
import type { metricsAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import type { Authoriser } from "../authorise.ts";
import { instanceNames } from "../instance-names.ts";
import { metricsView } from "../metrics-view.ts";

export interface MetricsDeps {
  readonly counts: Pick<CountsReader, "summaries">;
  readonly chatUnion: ChatUnionReader;
  readonly queue: QueueReader;
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * `GET /metrics/:instances`: counts of one instance, or of several summed (seed 003), there also under the path that seed
 * 003's programs use. 400 no name given, 403 token of another instance, 404 any name unknown, 503 Redis down.
 */
export function metricsRoutes({ counts, chatUnion, queue, authoriser, now }: MetricsDeps): Router {
  const paths = ["/metrics{/:instances}", "/api/instance/metrics{/:instances}"];
  return Router().get(paths, async (req, res) => {
    const caller = await authoriser.caller(req);
    const names = instanceNames(req.params["instances"]);
    const startedAt = now();
    // The queue is read first: what was waiting then may be counted by the time the counts are read, never the reverse. A job
    // that is added after this moment does not matter, however early its webhooks were received: they had no answer yet.
    const [instances, { oldestReceivedAtMs = startedAt }] = await Promise.all([
      authoriser.instances(caller, names),
      queue.status(),
    ]);
    const ids = instances.map(({ id }) => id);
    const summaries = await counts.summaries(ids, startedAt);
    const versions = summaries.map(({ chatsVersion }) => chatsVersion);
    const union = ids.length > 1 ? await chatUnion.uniqueChats(ids, versions) : undefined;
    const metrics = metricsView(names.join(","), summaries, Math.min(oldestReceivedAtMs, startedAt), union);
    const answer: z.infer<typeof metricsAnswer> = { success: true, message: "Metrics retrieved successfully", metrics };
    res.json(answer);
  });
}
