import { StoreUnavailableError, type QueueReader, type QueueStatus, type WebhookQueue } from "@ticktally/core";
import { queueStatusReply, webhookJobOf } from "@ticktally/schemas";
import { Worker, type Queue, type Telemetry, type WorkerOptions } from "bullmq";
import type { RedisClient } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { openQueue, type QueueTroubles } from "./open-queue.ts";
import { defineScripts } from "./scripts.ts";
import { storeError } from "./store-error.ts";

export const QUEUE_NAME = "webhooks";

interface QueueOptions {
  readonly keys: Keys;
  readonly shards: number;
  /** See `queueTracing`; without it nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
}

/** The producing end: a batch of webhooks becomes one job of its shard's queue. */
export class BullWebhookQueue implements WebhookQueue {
  readonly shards: number;
  readonly #redis: RedisClient;
  /** One a shard. */
  readonly queues: readonly Queue[];

  constructor(redis: RedisClient, { keys, shards, telemetry, ...troubles }: QueueOptions & QueueTroubles) {
    this.#redis = redis;
    this.shards = shards;
    this.queues = shardNumbers(shards).map((shard) => {
      const settings = {
        prefix: keys.queuePrefix(shard),
        ...(telemetry === undefined ? {} : { telemetry }),
        // Nothing listens to the event stream; ten thousand events of it would outweigh the queue.
        streams: { events: { maxLen: 100 } },
        defaultJobOptions: {
          removeOnComplete: true,
          // A job that throws is tried for ever: what cannot be read is quarantined, so a throw is a bug or an outage.
          attempts: 1_000_000,
          backoff: { type: "fixed", delay: 5_000 },
        },
      };
      return openQueue(QUEUE_NAME, redis, settings, troubles);
    });
  }

  async put(shard: number, lines: readonly string[], receivedAtMs: number): Promise<string> {
    this.#requireConnection();
    const options = { timestamp: receivedAtMs };
    const { id } = await this.#queue(shard).add("batch", webhookJobOf(lines), options).catch(storeError);
    return jobId(shard, id);
  }

  async waiting(shard: number): Promise<number> {
    this.#requireConnection();
    return this.#queue(shard).getWaitingCount().catch(storeError);
  }

  /** BullMQ would wait for the connection, and store a batch long after its senders were refused. */
  #requireConnection(): void {
    if (this.#redis.status !== "ready")
      throw new StoreUnavailableError(`the connection to Redis is ${this.#redis.status}`);
  }

  #queue(shard: number): Queue {
    const queue = this.queues[shard];
    if (queue === undefined) throw new RangeError(`there is no shard ${String(shard)}`);
    return queue;
  }
}

/** How full the queues are, over all shards. */
export class BullQueueReader implements QueueReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #shards: number;

  constructor(redis: RedisClient, { keys, shards }: Pick<QueueOptions, "keys" | "shards">) {
    this.#redis = redis;
    this.#keys = keys;
    this.#shards = shards;
    defineScripts(redis);
  }

  async status(): Promise<QueueStatus> {
    const replies = await Promise.all(
      shardNumbers(this.#shards).map(async (shard) => {
        const prefix = `${this.#keys.queuePrefix(shard)}:${QUEUE_NAME}:`;
        const keys = ["wait", "active", "delayed", "failed", ""].map((part) => prefix + part);
        return queueStatusReply.parse(await this.#redis.queueStatus(...keys).catch(storeError));
      }),
    );
    const total = (index: 0 | 1 | 2 | 3) => replies.reduce((sum, reply) => sum + reply[index], 0);
    const oldest = replies.flatMap(([, , , , timestamp]) => (timestamp === "" ? [] : [Number(timestamp)]));
    return {
      waiting: total(0),
      active: total(1),
      delayed: total(2),
      failed: total(3),
      ...(oldest.length === 0 ? {} : { oldestReceivedAtMs: Math.min(...oldest) }),
    };
  }
}

interface TakenJob {
  readonly id: string;
  readonly shard: number;
  /** From 1; more when it failed before, or whoever had it died. */
  readonly attempt: number;
  readonly data: unknown;
}

interface ConsumerOptions extends QueueOptions, Pick<QueueTroubles, "onError"> {
  readonly concurrency: number;
  readonly processor: {
    /** @returns when every effect of the job is stored; a throw puts the job back */
    process(job: TakenJob): Promise<void>;
  };
}

export interface Consumer {
  /** Take no more jobs, and finish those in hand. */
  close(): Promise<void>;
}

/** The consuming end: one BullMQ worker for each shard. */
export function consumeWebhooks(redis: RedisClient, options: ConsumerOptions): Consumer {
  const { keys, shards, onError, telemetry, concurrency, processor } = options;
  const workers = shardNumbers(shards).map((shard) => {
    const settings: WorkerOptions = {
      connection: redis,
      prefix: keys.queuePrefix(shard),
      concurrency,
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
  });
  return {
    close: async () => {
      await Promise.all(workers.map(async (worker) => worker.close()));
    },
  };
}

/**
 * A job whose worker died is found after 5 to 10 s and given to another, however often that happens: by default BullMQ
 * gives such a job up at the second time (reliability.md §2). Running twice is harmless, so locks can be short.
 */
export const NEVER_DROPPED = {
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000_000,
  // After a broken connection a finished job waits this long before it is told to be finished; BullMQ's own 15 s hold up
  // every job in hand, and what is queued behind them.
  runRetryDelay: 1_000,
};

/** BullMQ counts from 1 in each shard. */
export function jobId(shard: number, id = ""): string {
  return `${String(shard)}-${id}`;
}

export function shardNumbers(shards: number): readonly number[] {
  return Array.from({ length: shards }, (_, shard) => shard);
}
