import { Worker, type WorkerOptions } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";
import type { QueueTroubles } from "./open-queue.ts";
import { QUEUE_NAME, queueState, shardNumbers, usedShards, type QueueState } from "./used-queues.ts";
import { jobId, type QueueOptions } from "./webhook-queue.ts";

interface TakenJob {
  readonly id: string;
  readonly shard: number;
  /** From 1; higher if it failed before, or its worker died. */
  readonly attempt: number;
  readonly data: unknown;
}

interface ConsumerOptions extends QueueOptions, Pick<QueueTroubles, "onError"> {
  /** Maximum jobs in progress of one queue; with many queues each has fewer, see {@link jobsPerQueue}. */
  readonly concurrency: number;
  readonly processor: {
    /** @returns when every effect of the job is stored; a throw puts the job back */
    process(job: TakenJob): Promise<void>;
  };
}

export interface Consumer {
  /** Stop taking jobs, and finish those in progress. */
  close(): Promise<void>;
}

/**
 * A job whose worker died goes to another worker after 5 to 10 s, however often that happens: by default BullMQ gives up on the second
 * time. Running a job twice is harmless, so locks can be short.
 */
export const NEVER_DROPPED = {
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000_000,
  // After a broken connection a finished job waits this long before it is marked as finished. BullMQ's default of 15 s would delay every
  // job in progress and everything queued behind them.
  runRetryDelay: 1_000,
};

const LOOK_EVERY_MS = 2_000;
/** Half a minute: if a process still adds to such a queue, it is reopened occasionally and not for every job. */
const LOOKS_TILL_CLOSED = 15;

/** All queues together have at most this many times `concurrency`. With fewer jobs, too few webhooks of each queue are stored in one call. */
const SHARED_FACTOR = 4;

/** Jobs in progress of one of so many queues: at least one, so that none waits for another. */
export function jobsPerQueue(concurrency: number, queues: number): number {
  return Math.min(concurrency, Math.ceil((SHARED_FACTOR * concurrency) / queues));
}

/** A queue outside our shards that we take jobs from. */
interface LeftQueue {
  readonly worker: Worker;
  state: QueueState;
  /** Checks since it last had a job. */
  idleLooks: number;
}

/**
 * The consuming end: one BullMQ worker for each of our shards, and one for each other queue as long as it has jobs. Such jobs are left over
 * from a higher `QUEUE_SHARDS`, or come from a process that still has it.
 */
export class WebhookConsumer implements Consumer {
  readonly #redis: RedisClient;
  readonly #options: ConsumerOptions;
  #own: readonly Worker[] = [];
  readonly #left = new Map<number, LeftQueue>();
  readonly #closing = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(redis: RedisClient, options: ConsumerOptions) {
    this.#redis = redis;
    this.#options = options;
  }

  /** Starts to take jobs of its own shards. */
  open(): void {
    if (!this.#isClosed) this.#own = shardNumbers(this.#options.shards).map((shard) => this.#workerOf(shard));
  }

  /** Starts to take jobs: of its own shards, and of other queues that have some. */
  start(): void {
    if (this.#isClosed) return;
    this.open();
    void this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** Open queues that have jobs, and close those that have had none for a while. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { keys, shards, onError } = this.#options;
    try {
      for (const shard of await usedShards(this.#redis, keys)) {
        if (shard < shards) continue;
        const state = await queueState(this.#redis, keys, shard);
        if (!this.#isClosed) this.#see(shard, state);
      }
    } catch (error) {
      onError(error instanceof Error ? error : new Error("unknown"));
    } finally {
      this.#isLooking = false;
    }
  }

  /** The shards whose queues it takes jobs from. */
  get shards(): readonly number[] {
    return [...shardNumbers(this.#own.length), ...this.#left.keys()];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#workers.map(async (worker) => worker.close()), ...this.#closing]);
  }

  get #workers(): readonly Worker[] {
    return [...this.#own, ...[...this.#left.values()].map(({ worker }) => worker)];
  }

  /** Jobs that are in progress are finished even if they are too many now. */
  #share(): void {
    const workers = this.#workers;
    for (const worker of workers) worker.concurrency = jobsPerQueue(this.#options.concurrency, workers.length);
  }

  #see(shard: number, state: QueueState): void {
    const left = this.#left.get(shard);
    if (left === undefined) {
      if (state.undone === 0) return;
      this.#left.set(shard, { worker: this.#workerOf(shard), state, idleLooks: 0 });
      this.#share();
      return;
    }
    left.idleLooks = state.undone > 0 || state.added !== left.state.added ? 0 : left.idleLooks + 1;
    left.state = state;
    if (left.idleLooks < LOOKS_TILL_CLOSED) return;
    // If a job is added right now, either this worker still takes it or the next check finds it.
    this.#left.delete(shard);
    this.#share();
    const closing = left.worker
      .close()
      .catch(this.#options.onError)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #workerOf(shard: number): Worker {
    const { keys, onError, telemetry, concurrency, processor, shards } = this.#options;
    const settings: WorkerOptions = {
      connection: this.#redis,
      prefix: keys.queuePrefix(shard),
      concurrency: jobsPerQueue(concurrency, shards),
      ...(telemetry === undefined ? {} : { telemetry }),
      ...NEVER_DROPPED,
    };
    const worker = new Worker(
      QUEUE_NAME,
      async ({ id, data, attemptsStarted }) =>
        processor.process({ id: jobId(shard, id), shard, attempt: attemptsStarted, data }),
      settings,
    );
    worker.on("error", onError);
    return worker;
  }
}
