import { reconcileJob, webhooksOf, type QueuedWebhook } from "@ticktally/schemas";

/**
 * The summary names the instances of this many webhooks of a job. Reading all webhooks of a large job for an overview would cost too much.
 */
const WEBHOOKS_READ_MAX = 100;

/** The instance of a queued webhook; `undefined` if it names none or cannot be read. */
export type InstanceOf = (webhook: QueuedWebhook) => string | undefined;

/** What a person may see of a batch: how many webhooks, since when and whose. Never the webhooks themselves, which contain chat ids. */
export function webhookJobSummary(data: unknown, instanceOf: InstanceOf): object {
  try {
    const webhooks = webhooksOf(data);
    const instances = webhooks
      .slice(0, WEBHOOKS_READ_MAX)
      .map((webhook) => webhook.sender ?? instanceOf(webhook) ?? "none");
    return {
      webhooks: webhooks.length,
      oldestReceivedAt: new Date(Math.min(...webhooks.map(({ receivedAtMs }) => receivedAtMs))).toISOString(),
      instances: [...new Set(instances)],
      ...(webhooks.length > WEBHOOKS_READ_MAX ? { instancesOfTheFirst: WEBHOOKS_READ_MAX } : {}),
    };
  } catch {
    return UNREADABLE;
  }
}

/** As {@link webhookJobSummary}, for a reconciliation with a gateway's journals. */
export function reconcileJobSummary(data: unknown): object {
  const { data: job } = reconcileJob.safeParse(data);
  if (job === undefined) return UNREADABLE;
  return job.kind === "file" ? { ...job, entries: job.entries.length } : job;
}

const UNREADABLE = { unreadable: true };
