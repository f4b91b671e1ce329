import { Queue, UnrecoverableError, Worker, type Job } from "bullmq";
import type { RedisClient } from "../../packages/redis/src/connection/connection.ts";
import { BullQueueReader } from "../../packages/redis/src/queue/queue-reader.ts";
import { testKeys } from "../../packages/redis/src/testing.ts";
import { QUEUE_NAME } from "../../packages/redis/src/queue/used-queues.ts";

const TOKEN = "token";
const RECEIPTS_FROM = Date.now() - 3_600_000;

/** A webhook queue whose jobs the test moves itself, with BullMQ's own scripts. */
export class ManualQueue {
  readonly keys = testKeys();
  readonly redis: RedisClient;
  readonly queue: Queue;
  readonly #worker: Worker;
  /** id → time of receipt */
  readonly #undone = new Map<string, number>();

  /** @param redis a worker's connection */
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

  /** @param receipts times of receipt, in ms after {@link RECEIPTS_FROM} */
  async add(...receipts: readonly number[]): Promise<void> {
    const opts = { removeOnComplete: true, attempts: 1_000 };
    const jobs = await this.queue.addBulk(
      receipts.map((receipt) => ({ name: "batch", data: {}, opts: { ...opts, timestamp: RECEIPTS_FROM + receipt } })),
    );
    jobs.forEach(({ id = "" }, i) => this.#undone.set(id, receipts[i] ?? 0));
  }

  async take(): Promise<Job> {
    const job = await this.#worker.getNextJob(TOKEN);
    if (job === undefined) throw new Error("no job is waiting");
    return job;
  }

  async finish(job: Job): Promise<void> {
    await job.moveToCompleted("done", TOKEN, false);
    this.#undone.delete(job.id ?? "");
  }

  async finishAll(): Promise<void> {
    while ((await this.waiting()) > 0) await this.finish(await this.take());
  }

  /** Make a job stall, as if its worker had been killed. */
  async stall(job: Job): Promise<void> {
    await this.redis.del(`${this.queue.toKey(job.id ?? "")}:lock`);
    const active = await this.queue.getActiveCount();
    // BullMQ's first check marks active jobs; the next one moves those without a lock.
    for (let checks = 0; checks < 3 && (await this.queue.getActiveCount()) === active; checks++) {
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

  /** Perform an action on the next jobs, or on all jobs it applies to. */
  async perform(kind: QueueAction, jobs: number, putBackFailed: () => Promise<void>): Promise<void> {
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

  /** The oldest receipt as the queue reader reports it; ms as in {@link add} */
  async oldest(): Promise<number | undefined> {
    const { oldestReceivedAtMs } = await new BullQueueReader(this.redis, this.keys).status();
    return oldestReceivedAtMs === undefined ? undefined : oldestReceivedAtMs - RECEIPTS_FROM;
  }

  /** The actual oldest receipt of an unfinished job. */
  oldestUndone(): number | undefined {
    return this.#undone.size === 0 ? undefined : Math.min(...this.#undone.values());
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }
}

type QueueAction = "finish" | "stall" | "fail" | "delay" | "putBack" | "promote" | "forget";
