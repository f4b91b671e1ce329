import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { until } from "../../../../tests/support/until.ts";
import { Pipeline } from "../backup/pipeline.ts";
import { FailedJobs } from "./failed-jobs.ts";
import type { Keys } from "../keys.ts";
import { BullQueueReader } from "./queue-reader.ts";
import { connected, testConnection, testKeys } from "../testing.ts";
import { usedShards } from "./used-queues.ts";
import { WebhookConsumer } from "./webhook-consumer.ts";
import { BullWebhookQueue } from "./webhook-queue.ts";

const [producing, consuming, reading] = [
  testConnection("producer"),
  testConnection("worker"),
  testConnection("reader"),
];
beforeAll(async () => connected(producing, reading));
afterAll(() => {
  for (const redis of [producing, consuming, reading]) redis.disconnect();
});

const ignored = () => undefined;
const troubles = { onError: ignored, onUnusable: ignored };
const DAY_MS = 86_400_000;

/** A consumer whose worker has one shard. @param failures the shards whose jobs fail the first time */
function consumer(keys: Keys, done: string[], failures: readonly number[] = []) {
  const failed = new Set<string>();
  const process = async ({ id, shard }: { readonly id: string; readonly shard: number }) => {
    if (failures.includes(shard) && !failed.has(id)) {
      failed.add(id);
      throw new Error("not now");
    }
    done.push(id);
    return Promise.resolve();
  };
  const options = { keys, shards: 1, onError: ignored, concurrency: 4, processor: { process } };
  const opened = new WebhookConsumer(consuming, options);
  opened.open();
  onTestFinished(async () => opened.close());
  return opened;
}

async function put(keys: Keys, shards: number, times: number): Promise<void> {
  const queue = new BullWebhookQueue(producing, { keys, shards, ...troubles });
  for (let n = 0; n < times; n++)
    for (let shard = 0; shard < shards; shard++) await queue.put(shard, ['1000 {"n":1}'], 1_000 * (shard + 1));
}

const statusOf = async (keys: Keys) => new BullQueueReader(reading, keys).status();

it("processes jobs beyond its own shards, added before its start and by a process that still adds them", async () => {
  const [keys, done] = [testKeys(), [] as string[]];
  await put(keys, 4, 3);
  expect(await usedShards(reading, keys)).toEqual([0, 1, 2, 3]);
  expect(await statusOf(keys)).toMatchObject({ waiting: 12, oldestReceivedAtMs: 1_000 });
  expect([...(await new BullQueueReader(reading, keys).waiting())]).toEqual([0, 1, 2, 3].map((shard) => [shard, 3]));
  const worker = consumer(keys, done);
  worker.start();
  await until("all are done", () => done.length === 12);
  await put(keys, 64, 1);
  await until("the jobs of new queues are done as well", () => done.length === 76);
  expect(new Set(done).size).toBe(76);
  await until("they are removed", async () => (await new Pipeline(reading, keys).waiting()) === 0);
  expect(await statusOf(keys)).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
}, 60_000);

it("closes such a queue after it was empty for a while, and opens it again for new jobs", async () => {
  const [keys, done] = [testKeys(), [] as string[]];
  await put(keys, 3, 1);
  const worker = consumer(keys, done);
  await worker.look();
  expect(worker.shards).toEqual([0, 1, 2]);
  await until("all are done", async () => done.length === 3 && (await new Pipeline(reading, keys).waiting()) === 0);
  for (let n = 0; n < 14; n++) await worker.look();
  await new BullWebhookQueue(producing, { keys, shards: 3, ...troubles }).put(2, ['1000 {"n":1}'], 1_000);
  for (let n = 0; n < 4; n++) await worker.look();
  expect(worker.shards).toEqual([0, 2]);
  await until("it is done", async () => done.length === 4 && (await new Pipeline(reading, keys).waiting()) === 0);
  for (let n = 0; n < 16; n++) await worker.look();
  expect(worker.shards).toEqual([0]);
  await put(keys, 3, 1);
  await worker.look();
  await until("all are done", () => done.length === 7);
});

it("processes failed and retried jobs in such a queue until there are none", async () => {
  const [keys, done] = [testKeys(), [] as string[]];
  await put(keys, 4, 1);
  const worker = consumer(keys, done, [2, 3]);
  worker.start();
  const failedJobs = new FailedJobs(reading, { keys, ...troubles });
  await until("two jobs are delayed for a retry", async () => (await statusOf(keys)).delayed === 2);
  expect(await statusOf(keys)).toMatchObject({ oldestReceivedAtMs: 3_000 });
  // As if BullMQ had moved one of them to the failed set.
  const prefix = `${keys.queuePrefix(3)}:webhooks:`;
  await reading.zrem(`${prefix}delayed`, "1");
  await reading.zadd(`${prefix}failed`, 1, "1");
  expect(await new Pipeline(reading, keys).waiting()).toBe(2);
  expect(await failedJobs.putBack(Date.now() + DAY_MS)).toEqual([{ id: "3-1", reason: "not now" }]);
  await until("all are done", () => done.length === 4);
}, 60_000);

it("shares its jobs in progress among its queues, and takes at least one of each", async () => {
  const keys = testKeys();
  await put(keys, 8, 5);
  const taken: number[] = [];
  const finish: (() => void)[] = [];
  const inProgress = new Map<number, number>();
  let [isHeld, mostOfOne] = [true, 0];
  const process = async ({ shard }: { readonly shard: number }) => {
    taken.push(shard);
    const jobs = (inProgress.get(shard) ?? 0) + 1;
    inProgress.set(shard, jobs);
    if (!isHeld) mostOfOne = Math.max(mostOfOne, jobs);
    await new Promise<void>((resolve) => (isHeld ? finish.push(resolve) : setImmediate(resolve)));
    inProgress.set(shard, (inProgress.get(shard) ?? 0) - 1);
  };
  const options = { keys, shards: 7, onError: ignored, concurrency: 2, processor: { process } };
  const opened = new WebhookConsumer(consuming, options);
  onTestFinished(async () => opened.close());
  opened.open();
  await until("two of each are taken", () => taken.length === 14);
  expect(taken.toSorted()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
  await opened.look();
  await until("one of the other queue is taken", () => taken.length === 15);
  expect(taken.at(-1)).toBe(7);
  // With eight queues it is one of each.
  isHeld = false;
  for (const done of finish) done();
  await until("all are done", () => taken.length === 40);
  expect(mostOfOne).toBe(1);
});
