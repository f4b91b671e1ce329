import { StoreUnavailableError } from "@ticktally/core";
import { reconcileJob, type ReconcileJob } from "@ticktally/schemas";
import { Worker, type Queue } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { openQueue, type QueueTroubles } from "./open-queue.ts";
import { storeError } from "../connection/store-error.ts";
import { NEVER_DROPPED, type Consumer } from "./webhook-consumer.ts";

const QUEUE_NAME = "reconcile";
const TICK = "tick";
/** How often a process checks which instance is due, which is also how soon a new upstream is first read. */
const TICK_EVERY_MS = 5_000;

/** A run only throws during an outage of Redis; the schedule repeats it. */
const ONCE = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

interface Options extends QueueTroubles {
  readonly keys: Keys;
}

/** The queue of reconciliations. It is stored with the webhooks of shard 0. */
export class ReconcileQueue {
  readonly #redis: RedisClient;
  readonly queue: Queue;

  constructor(redis: RedisClient, { keys, ...troubles }: Options) {
    this.#redis = redis;
    const settings = {
      prefix: keys.queuePrefix(0),
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: ONCE,
    };
    this.queue = openQueue(QUEUE_NAME, redis, settings, troubles);
  }

  /** @throws {StoreUnavailableError} */
  async add(job: ReconcileJob): Promise<void> {
    this.#requireConnection();
    await this.queue.add(job.kind, job, jobId(job)).catch(storeError);
  }

  /** Have one process check every few seconds which instance is due. Call it again after Redis has lost everything. */
  async keepTicking(): Promise<void> {
    this.#requireConnection();
    if ((await this.queue.getJobScheduler(TICK).catch(storeError)) !== undefined) return;
    const data: ReconcileJob = { v: 1, kind: "tick" };
    await this.queue.upsertJobScheduler(TICK, { every: TICK_EVERY_MS }, { name: TICK, data }).catch(storeError);
  }

  #requireConnection(): void {
    if (this.#redis.status !== "ready")
      throw new StoreUnavailableError(`the connection to Redis is ${this.#redis.status}`);
  }
}

/** Only one scheduled check waits or runs at a time; a user's request is always done. BullMQ allows no colon in an id. */
function jobId(job: ReconcileJob): { jobId?: string } {
  return job.kind === "look" && job.source === "schedule" ? { jobId: `look-${encodeURIComponent(job.instance)}` } : {};
}

interface ConsumerOptions extends Omit<Options, "onUnusable"> {
  readonly concurrency: number;
  /** @param starts how often it was started, including this time; more than once if a worker died during it */
  readonly process: (job: ReconcileJob, starts: number) => Promise<void>;
}

/** The consuming end. */
export function consumeReconciliation(redis: RedisClient, options: ConsumerOptions): Consumer {
  const { keys, onError, concurrency, process } = options;
  const worker = new Worker(
    QUEUE_NAME,
    async ({ data, attemptsStarted }) => process(reconcileJob.parse(data), attemptsStarted),
    {
      connection: redis,
      prefix: keys.queuePrefix(0),
      concurrency,
      ...NEVER_DROPPED,
    },
  );
  worker.on("error", onError);
  worker.on("failed", (_, error) => {
    onError(error);
  });
  return { close: async () => worker.close() };
}
