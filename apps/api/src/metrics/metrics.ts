import type { ChatUnionReader, CountsReader, InstanceSummary, QueueReader } from "@ticktally/core";
import type { metricsAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { askedInstances, type AskedInstancesDeps } from "./asked-instances.ts";
import { metricsView, sumOfSummaries } from "./metrics-view.ts";

/** For more instances, the union of their chats takes too long to compute. */
const UNION_MAX = 500;
const INSTANCES_AT_ONCE = 100;

export interface MetricsDeps extends AskedInstancesDeps {
  readonly counts: Pick<CountsReader, "summaries">;
  readonly chatUnion: ChatUnionReader;
  readonly queue: QueueReader;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * `GET /metrics/:instances`: counts of one instance, or of several summed, also under the path that older
 * programs use. 400 no name given, 403 token of another instance, 404 any name unknown, 503 Redis down.
 */
export function metricsRoutes(deps: MetricsDeps): Router {
  const { authoriser, counts, chatUnion, queue, now } = deps;
  const paths = ["/metrics{/:instances}", "/api/instance/metrics{/:instances}"];
  return Router().get(paths, async (req, res) => {
    const startedAt = now();
    await authoriser.caller(req);
    // The queue is read first: webhooks that waited then may be counted by the time the counts are read, never the reverse. A job added
    // after this moment does not matter, however early its webhooks were received, because they had no answer yet. It is also read before
    // the list of instances, because a new one may be registered and counted in between.
    const { oldestReceivedAtMs = startedAt } = await queue.status();
    const { echo, instances } = await askedInstances(req, deps);
    const ids = instances.map(({ id }) => id);
    const versions: (string | undefined)[] = [];
    let together: readonly InstanceSummary[] = [];
    for (let from = 0; from < ids.length && !res.destroyed; from += INSTANCES_AT_ONCE) {
      const some = await counts.summaries(ids.slice(from, from + INSTANCES_AT_ONCE), startedAt);
      versions.push(...some.map(({ chatsVersion }) => chatsVersion));
      together = [sumOfSummaries([...together, ...some])];
    }
    const hasUnion = ids.length > 1 && ids.length <= UNION_MAX;
    const union = hasUnion ? await chatUnion.uniqueChats(ids, versions) : undefined;
    const metrics = metricsView(echo, together, Math.min(oldestReceivedAtMs, startedAt), union);
    const answer: z.infer<typeof metricsAnswer> = { success: true, message: "Metrics retrieved successfully", metrics };
    res.json(answer);
  });
}
