import type { Queue } from "bullmq";
import type { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { reconcileJobSummary, webhookJobSummary } from "./job-summary.ts";
import type { ReconcileQueue } from "./reconcile-queue.ts";
import type { BullWebhookQueue } from "./webhook-queue.ts";

/**
 * All queues as bull-board shows them: nothing can be changed, and of a job's data only a summary is shown. They use the
 * connection of the queues they are given, and none that blocks. The library is loaded when this is first called.
 */
export async function boardQueues(webhooks: BullWebhookQueue, reconcile: ReconcileQueue): Promise<BullMQAdapter[]> {
  const { BullMQAdapter: Adapter } = await import("@bull-board/api/bullMQAdapter");
  const adapter = (queue: Queue, prefix: string, summary: (data: unknown) => object) => {
    const made = new Adapter(queue, { readOnlyMode: true, prefix });
    made.setFormatter("data", summary);
    return made;
  };
  const ofShard = (shard: number) => (webhooks.shards === 1 ? "" : `shard-${String(shard)}-`);
  return [
    ...webhooks.queues.map((queue, shard) => adapter(queue, ofShard(shard), webhookJobSummary)),
    adapter(reconcile.queue, "", reconcileJobSummary),
  ];
}
