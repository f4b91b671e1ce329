import type { Queue } from "bullmq";
import type { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import type { RedisClient } from "../connection/connection.ts";
import { reconcileJobSummary, webhookJobSummary, type InstanceOf } from "./job-summary.ts";
import type { Keys } from "../keys.ts";
import type { QueueTroubles } from "./open-queue.ts";
import type { ReconcileQueue } from "./reconcile-queue.ts";
import { shardNumbers, UsedQueues } from "./used-queues.ts";

interface QueueBoardOptions extends QueueTroubles {
  readonly keys: Keys;
  readonly shards: number;
  readonly reconcile: ReconcileQueue;
  readonly instanceOf: InstanceOf;
}

/**
 * All queues for bull-board: read-only, and with only a summary of a job's data. They use the given connection, never a blocking one. The
 * library is loaded when a queue is first requested.
 */
export class QueueBoard {
  readonly #options: QueueBoardOptions;
  readonly #used: UsedQueues;
  #shown: { readonly shards: string; readonly queues: readonly BullMQAdapter[] } | undefined;

  constructor(redis: RedisClient, options: QueueBoardOptions) {
    this.#options = options;
    this.#used = new UsedQueues(redis, options.keys, options);
  }

  /**
   * The queues of our shards, and further ones that were ever used.
   * @returns the same array until the queues change
   * @throws {StoreUnavailableError}
   */
  async queues(): Promise<readonly BullMQAdapter[]> {
    const own = shardNumbers(this.#options.shards);
    const others = (await this.#used.shards()).filter((shard) => shard >= own.length);
    const shards = [...own, ...others];
    if (this.#shown?.shards !== shards.join())
      this.#shown = { shards: shards.join(), queues: await this.#adapters(shards) };
    return this.#shown.queues;
  }

  async #adapters(shards: readonly number[]): Promise<readonly BullMQAdapter[]> {
    const { BullMQAdapter: Adapter } = await import("@bull-board/api/bullMQAdapter");
    const adapter = (queue: Queue, prefix: string, format: (data: unknown) => object) => {
      const made = new Adapter(queue, { readOnlyMode: true, prefix });
      made.setFormatter("data", format);
      return made;
    };
    const summary = (data: unknown) => webhookJobSummary(data, this.#options.instanceOf);
    const ofShard = (shard: number) => (shards.length === 1 ? "" : `shard-${String(shard)}-`);
    return [
      ...shards.map((shard) => adapter(this.#used.queue(shard), ofShard(shard), summary)),
      adapter(this.#options.reconcile.queue, "", reconcileJobSummary),
    ];
  }
}
