import { webhooksOf } from "@ticktally/schemas";
import { Queue, Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../../tests/support/until.ts";
import { FailedJobs, putBackAt } from "./failed-jobs.ts";
import type { Keys } from "../keys.ts";
import { connected, testConnection, testKeys } from "../testing.ts";
import { BullQueueReader } from "./queue-reader.ts";
import { QUEUE_NAME } from "./used-queues.ts";
import { WebhookConsumer } from "./webhook-consumer.ts";
import { BullWebhookQueue } from "./webhook-queue.ts";

const [producing, consuming, reading] = [
  testConnection("producer"),
  testConnection("worker"),
  testConnection("reader"),
];
const ignored = () => undefined;
const SHARDS = 2;
const DAY_MS = 86_400_000;

beforeAll(async () => {
  await connected(producing, reading);
});
afterAll(() => {
  for (const redis of [producing, consuming, reading]) redis.disconnect();
});

const optionsOf = (keys: Keys) => ({ keys, shards: SHARDS, onError: ignored, onUnusable: ignored });
const lineOf = (n: number) => `1000 {"n":${String(n)}}`;

/** Let jobs fail at once, as with a version that gives up after the first error. */
async function failAll(keys: Keys, shard: number, jobs: number): Promise<void> {
  const queue = new Queue(QUEUE_NAME, { connection: producing, prefix: keys.queuePrefix(shard) });
  const worker = new Worker(QUEUE_NAME, null, { connection: consuming, prefix: keys.queuePrefix(shard) });
  for (let n = 0; n < jobs; n++) {
    await queue.add("batch", { v: 1, lines: [lineOf(n)] }, { timestamp: Date.now(), attempts: 1 });
    const job = await worker.getNextJob("token");
    await job?.moveToFailed(new Error("it was given up"), "token");
  }
  await worker.close();
}

/** Let a job fail as with a worker that gives up a job after one stall. */
async function failByStalling(keys: Keys, shard: number): Promise<void> {
  const options = { connection: consuming, prefix: keys.queuePrefix(shard), lockDuration: 50 };
  const dead = new Worker(QUEUE_NAME, null, options);
  await dead.getNextJob("token");
  await dead.close(true);
  const harsh = new Worker(QUEUE_NAME, async () => Promise.resolve(), {
    ...options,
    stalledInterval: 60,
    maxStalledCount: 0,
  });
  harsh.on("error", ignored);
  await until("BullMQ has given the job up", async () => (await statusOf(keys)).failed === 1);
  await harsh.close();
}

async function statusOf(keys: Keys) {
  return new BullQueueReader(reading, keys).status();
}

describe("a failed job", () => {
  it("is found after it stalled too often, put back, and processed completely", async () => {
    const keys = testKeys();
    const receivedAt = Date.now();
    await new BullWebhookQueue(producing, optionsOf(keys)).put(1, [lineOf(1), lineOf(2)], receivedAt);
    await failByStalling(keys, 1);
    const failed = new FailedJobs(reading, optionsOf(keys));
    const put = await failed.putBack(Date.now() + DAY_MS);
    expect(put).toEqual([{ id: "1-1", reason: "job stalled more than allowable limit" }]);
    expect(await statusOf(keys)).toMatchObject({ waiting: 1, failed: 0, oldestReceivedAtMs: receivedAt });

    const texts: string[] = [];
    const processor = {
      process: async ({ data }: { readonly data: unknown }) => {
        texts.push(...webhooksOf(data).map(({ text }) => text));
        return Promise.resolve();
      },
    };
    const consumer = new WebhookConsumer(consuming, { ...optionsOf(keys), concurrency: 1, processor });
    consumer.open();
    await until("the job is done", () => texts.length > 0);
    await consumer.close();
    expect(texts).toEqual(['{"n":1}', '{"n":2}']);
    expect(await statusOf(keys)).toMatchObject({ waiting: 0, active: 0, delayed: 0, failed: 0 });
  });

  it("waits as long as it took to fail, so that a job that always fails is retried less and less often", async () => {
    expect(putBackAt(1_000, 1_000)).toBe(1_000);
    expect(putBackAt(1_000, 9_000)).toBe(17_000);
    expect(putBackAt(0, DAY_MS)).toBe(DAY_MS + 600_000);
    expect(putBackAt(9_000, 1_000)).toBe(1_000);

    const keys = testKeys();
    const queue = new Queue(QUEUE_NAME, { connection: producing, prefix: keys.queuePrefix(0) });
    const worker = new Worker(QUEUE_NAME, null, { connection: consuming, prefix: keys.queuePrefix(0) });
    await queue.add("batch", { v: 1, lines: [lineOf(1)] }, { timestamp: Date.now() - 60_000, attempts: 1 });
    await (await worker.getNextJob("token"))?.moveToFailed(new Error("again"), "token");
    await worker.close();
    const failed = new FailedJobs(reading, optionsOf(keys));
    expect(await failed.putBack(Date.now() + 30_000)).toEqual([]);
    expect(await failed.putBack(Date.now() + 61_000)).toEqual([{ id: "0-1", reason: "again" }]);
  });

  it("is put back with at most a hundred of its shard at a time, and none is lost or put back twice", async () => {
    const keys = testKeys();
    await failAll(keys, 0, 130);
    const [one, other] = [new FailedJobs(reading, optionsOf(keys)), new FailedJobs(producing, optionsOf(keys))];
    const later = Date.now() + DAY_MS;
    expect(await one.putBack(later)).toHaveLength(100);
    expect(await statusOf(keys)).toMatchObject({ waiting: 100, failed: 30 });
    const both = (await Promise.all([one.putBack(later), other.putBack(later)])).flat();
    expect(new Set(both.map(({ id }) => id)).size).toBe(30);
    expect(both).toHaveLength(30);
    expect(await statusOf(keys)).toMatchObject({ waiting: 130, failed: 0 });
  });
});
