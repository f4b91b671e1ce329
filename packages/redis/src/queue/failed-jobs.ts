import { StoreUnavailableError } from "@ticktally/core";
import { Job, type Queue } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import type { QueueTroubles } from "./open-queue.ts";
import { storeError } from "../connection/store-error.ts";
import { UsedQueues } from "./used-queues.ts";
import { jobId } from "./webhook-queue.ts";

interface FailedJobsOptions extends QueueTroubles {
  readonly keys: Keys;
}

export interface PutBackJob {
  readonly id: string;
  /** Why BullMQ gave up on it. */
  readonly reason: string;
}

/** Jobs of a shard that are examined each time, earliest failure first; the others follow once these are gone. */
const LOOKED_AT = 1_000;
/** Jobs of a shard that are put back at a time, so new webhooks are not delayed by them. */
const PUT_BACK_MAX = 100;
const WAIT_MS_MAX = 600_000;

/**
 * Jobs that BullMQ gave up on. It does so when a job's worker died too often or its attempts are used up, and never tries it again. Our
 * settings prevent both ({@link NEVER_DROPPED}), but jobs outlive settings: another version may have added or failed them. Their webhooks
 * were answered 200, so they are put back until they are done.
 */
export class FailedJobs {
  readonly #redis: RedisClient;
  readonly #used: UsedQueues;

  constructor(redis: RedisClient, { keys, ...troubles }: FailedJobsOptions) {
    this.#redis = redis;
    this.#used = new UsedQueues(redis, keys, troubles);
  }

  /**
   * Put back the jobs whose wait is over, behind all waiting jobs, with all their attempts. Several processes may do so at once.
   * @param now Unix ms
   * @returns the jobs that were put back
   * @throws {StoreUnavailableError}
   */
  async putBack(now: number): Promise<readonly PutBackJob[]> {
    if (this.#redis.status !== "ready")
      throw new StoreUnavailableError(`the connection to Redis is ${this.#redis.status}`);
    const shards = await this.#used.shards();
    const perShard = shards.map(async (shard) => this.#putBackOf(this.#used.queue(shard), shard, now));
    return (await Promise.all(perShard)).flat();
  }

  async #putBackOf(queue: Queue, shard: number, now: number): Promise<readonly PutBackJob[]> {
    const done: PutBackJob[] = [];
    for (const id of (await this.#due(queue, now)).slice(0, PUT_BACK_MAX)) {
      const job = await Job.fromId(queue, id).catch(storeError);
      if (job === undefined) continue;
      const reason = job.failedReason;
      if (await retried(job)) done.push({ id: jobId(shard, id), reason });
    }
    return done;
  }

  async #due(queue: Queue, now: number): Promise<readonly string[]> {
    const flat = await this.#redis
      .zrange(queue.toKey("failed"), "0", String(LOOKED_AT - 1), "WITHSCORES")
      .catch(storeError);
    const failed = Array.from({ length: flat.length / 2 }, (_, i) => ({
      id: flat[2 * i] ?? "",
      failedAt: Number(flat[2 * i + 1]),
    }));
    if (failed.length === 0) return [];
    const asked = this.#redis.pipeline();
    for (const { id } of failed) asked.hget(queue.toKey(id), "timestamp");
    const replies = (await asked.exec().catch(storeError)) ?? [];
    return failed
      .filter(({ failedAt }, i) => now >= putBackAt(Number(replies[i]?.[1] ?? 0), failedAt))
      .map(({ id }) => id);
  }
}

/**
 * When a failed job may be put back: after as long as it took to fail, at most ten minutes. So a job that keeps failing waits about twice
 * as long each time, without any stored state.
 * @param receivedAt of its oldest webhook, Unix ms
 * @param failedAt Unix ms
 * @returns Unix ms
 */
export function putBackAt(receivedAt: number, failedAt: number): number {
  return failedAt + Math.min(Math.max(0, failedAt - receivedAt), WAIT_MS_MAX);
}

/** @returns `false` if another process was faster */
async function retried(job: Job): Promise<boolean> {
  try {
    await job.retry("failed", { resetAttemptsMade: true });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && GONE.includes(error.code)) return false;
    return storeError(error);
  }
}

/** BullMQ's codes for a missing job, and for one that is no longer failed. */
const GONE: readonly unknown[] = [-1, -3];
