import { StoreUnavailableError, type WebhookQueue } from "@ticktally/core";
import { webhookJobOf } from "@ticktally/schemas";
import type { Queue, Telemetry } from "bullmq";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { openQueue, type QueueTroubles } from "./open-queue.ts";
import { storeError } from "../connection/store-error.ts";
import type { StoredLayout } from "../connection/stored-layout.ts";
import { QueueRoom } from "./queue-room.ts";
import { QUEUE_NAME, shardNumbers } from "./used-queues.ts";

export interface QueueOptions {
  readonly keys: Keys;
  readonly shards: number;
  /** See `queueTracing`; without it nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
}

/** Whether the stored data have the layout of this version. */
type LayoutCheck = Pick<StoredLayout, "fault">;

/** The producing end: a batch of webhooks becomes one job of its shard's queue. */
export class BullWebhookQueue implements WebhookQueue {
  readonly shards: number;
  readonly #redis: RedisClient;
  readonly #layout: LayoutCheck | undefined;
  /** One a shard. */
  readonly #queues: readonly Queue[];
  readonly #room: QueueRoom;

  constructor(
    redis: RedisClient,
    { keys, shards, telemetry, layout, ...troubles }: QueueOptions & QueueTroubles & { readonly layout?: LayoutCheck },
  ) {
    this.#redis = redis;
    this.#layout = layout;
    this.#room = new QueueRoom(redis, keys);
    this.shards = shards;
    this.#queues = shardNumbers(shards).map((shard) => {
      const settings = {
        prefix: keys.queuePrefix(shard),
        ...(telemetry === undefined ? {} : { telemetry }),
        // Nothing listens to the event stream, and its ten thousand events would be larger than the queue.
        streams: { events: { maxLen: 100 } },
        defaultJobOptions: {
          removeOnComplete: true,
          // A job that throws is retried forever: unreadable webhooks are quarantined, so a throw is a bug or an outage.
          attempts: 1_000_000,
          backoff: { type: "fixed", delay: 5_000 },
        },
      };
      return openQueue(QUEUE_NAME, redis, settings, troubles);
    });
  }

  async put(shard: number, lines: readonly string[], receivedAtMs: number): Promise<string> {
    await this.#room.require(shard);
    // Right before adding: the connection may have been lost meanwhile.
    this.#requireConnection();
    const options = { timestamp: receivedAtMs };
    const { id } = await this.#queue(shard).add("batch", webhookJobOf(lines), options).catch(storeError);
    return jobId(shard, id);
  }

  async waiting(shard: number): Promise<number> {
    this.#requireConnection();
    return this.#queue(shard).getWaitingCount().catch(storeError);
  }

  /** BullMQ would wait for the connection, and store a batch long after its senders got a refusal. */
  #requireConnection(): void {
    if (this.#redis.status !== "ready")
      throw new StoreUnavailableError(`the connection to Redis is ${this.#redis.status}`);
    if (this.#layout?.fault !== undefined) throw new StoreUnavailableError(this.#layout.fault);
  }

  #queue(shard: number): Queue {
    const queue = this.#queues[shard];
    if (queue === undefined) throw new RangeError(`there is no shard ${String(shard)}`);
    return queue;
  }
}

/** BullMQ counts from 1 in each shard. */
export function jobId(shard: number, id = ""): string {
  return `${String(shard)}-${id}`;
}
