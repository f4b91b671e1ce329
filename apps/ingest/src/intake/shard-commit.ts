import { BATCH_CHARS_MAX } from "@ticktally/schemas";
import type { BatchLog } from "./batch-log.ts";
import { collecting } from "./collecting.ts";
import { GroupCommit } from "./group-commit.ts";
import type { IntakeOptions } from "./intake-options.ts";
import { QueueDepth } from "./queue-depth.ts";
import type { Waiter } from "./waiter.ts";
import { withDeadline } from "./with-deadline.ts";

/** Collects the lines of one shard, and stores a batch of them: in the queue, and in the lanes of the targets that want its requests. */
export function shardCommit(
  shard: number,
  { queue, batchMax, queueJobsMax, storeTimeoutMs, forwarding, metrics, tracing, now }: IntakeOptions,
  log: BatchLog,
  settle: (waiters: readonly Waiter[], error: unknown) => void,
): GroupCommit<Waiter> {
  const depth = new QueueDepth(queue, shard, queueJobsMax, now);
  /** The requests of one batch; a refusal is the request's own. */
  const forward = async (waiters: readonly Waiter[], deadline: number) => {
    const fresh = waiters.filter(({ isForwarded }) => !isForwarded);
    for (const waiter of fresh) waiter.isForwarded = true;
    const requests = fresh.map(({ forwarded }) => forwarded);
    const refusals = await forwarding.append(requests, deadline);
    for (const [place, refusal] of refusals.entries()) {
      const waiter = fresh[place];
      if (waiter !== undefined) waiter.error ??= refusal;
    }
  };
  const put = async (lines: readonly string[], receivedAtMs: number, waiters: readonly Waiter[]) => {
    const deadline = performance.now() + storeTimeoutMs;
    metrics.batchSize.observe(lines.length);
    await depth.takePlace();
    const [id] = await Promise.all([queue.put(shard, lines, receivedAtMs), forward(waiters, deadline)]);
    return id;
  };
  const store = async (lines: readonly string[], receivedAtMs: number, waiters: readonly Waiter[]) => {
    const traces = waiters.map(({ trace }) => trace);
    const stored = tracing.together("store batch", traces, { shard, webhooks: lines.length }, async () =>
      put(lines, receivedAtMs, waiters),
    );
    await log.logged(shard, waiters, withDeadline(stored, storeTimeoutMs));
  };
  return new GroupCommit<Waiter>({
    batchMax,
    batchCharsMax: BATCH_CHARS_MAX,
    collecting: (batch) => collecting(batch, depth.isBehind),
    store,
    settle,
  });
}
