import { Queue, UnrecoverableError, Worker, type Job } from "bullmq";
import type { RedisClient } from "../../packages/redis/src/connection/connection.ts";
import { BullQueueReader } from "../../packages/redis/src/queue/queue-reader.ts";
import { testKeys } from "../../packages/redis/src/testing.ts";
import { QUEUE_NAME } from "../../packages/redis/src/queue/used-queues.ts";

const TOKEN = "token";
const RECEIPTS_FROM = Date.now() - 3_600_000;

/** A queue of webhooks whose jobs are moved by hand, with BullMQ's own scripts. */
export class HandledQueue {
  readonly keys = testKeys();
  readonly redis: RedisClient;
  readonly queue: Queue;
  readonly #worker: Worker;
  /** id → receipt */
  readonly #undone = new Map<string, number>();

  /** @param redis as a worker connects */
  constructor(redis: RedisClient, shard = 0) {
    this.redis = redis;
    const prefix = this.keys.queuePrefix(shard);
    this.queue = new Queue(QUEUE_NAME, { connection: redis, prefix });
    this.#worker = new Worker(QUEUE_NAME, null, {
      connection: redis,
      prefix,
      maxStalledCount: 1_000,
      skipStalledCheck: true,
    });
  }

  /** @param receipts ms after some moment */
  async add(...receipts: readonly number[]): Promise<void> {
    const opts = { removeOnComplete: true, attempts: 1_000 };
    const jobs = await this.queue.addBulk(
      receipts.map((receipt) => ({ name: "batch", data: {}, opts: { ...opts, timestamp: RECEIPTS_FROM + receipt } })),
    );
    jobs.forEach(({ id = "" }, i) => this.#undone.set(id, receipts[i] ?? 0));
  }

  async take(): Promise<Job> {
    const job = await this.#worker.getNextJob(TOKEN);
    if (job === undefined) throw new Error("no job waits");
    return job;
  }

  async finish(job: Job): Promise<void> {
    await job.moveToCompleted("done", TOKEN, false);
    this.#undone.delete(job.id ?? "");
  }

  async finishAll(): Promise<void> {
    while ((await this.waiting()) > 0) await this.finish(await this.take());
  }

  /** As if its worker had died. */
  async stall(job: Job): Promise<void> {
    await this.redis.del(`${this.queue.toKey(job.id ?? "")}:lock`);
    const active = await this.queue.getActiveCount();
    // BullMQ marks jobs at its first look, and moves at the next those that nobody holds.
    for (let looks = 0; looks < 3 && (await this.queue.getActiveCount()) === active; looks++) {
      await this.redis.del(this.queue.toKey("stalled-check"));
      await this.#worker.backend.moveStalledJobsToWait();
    }
  }

  async fail(job: Job): Promise<void> {
    await job.moveToFailed(new UnrecoverableError("given up"), TOKEN);
  }

  async delay(job: Job): Promise<void> {
    await job.moveToDelayed(Date.now() + 600_000, TOKEN);
  }

  /** Something happens to the next jobs, or to those it can happen to. */
  async happen(kind: Happening, jobs: number, putBackFailed: () => Promise<void>): Promise<void> {
    if (kind === "putBack") return putBackFailed();
    if (kind === "promote") return this.queue.promoteJobs({ count: jobs });
    if (kind === "forget") {
      await this.redis.del(...this.keys.queueReceipts(0));
      return;
    }
    for (let n = 0; n < jobs && (await this.waiting()) > 0; n++) await this[kind](await this.take());
  }

  async waiting(): Promise<number> {
    return this.queue.getWaitingCount();
  }

  /** As the reader finds it; ms as in {@link add} */
  async oldest(): Promise<number | undefined> {
    const { oldestReceivedAtMs } = await new BullQueueReader(this.redis, this.keys).status();
    return oldestReceivedAtMs === undefined ? undefined : oldestReceivedAtMs - RECEIPTS_FROM;
  }

  /** As it is. */
  oldestUndone(): number | undefined {
    return this.#undone.size === 0 ? undefined : Math.min(...this.#undone.values());
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }
}

type Happening = "finish" | "stall" | "fail" | "delay" | "putBack" | "promote" | "forget";
