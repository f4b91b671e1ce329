import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "bullmq";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ManualQueue } from "../../../../tests/support/manual-queue.ts";
import { startOwnRedis } from "../../../../tests/support/own-redis.ts";
import { connect } from "../connection/connection.ts";
import { FailedJobs } from "./failed-jobs.ts";
import { connected, testConnection } from "../testing.ts";

const redis = testConnection("worker");
beforeAll(async () => connected(redis));
afterAll(() => {
  redis.disconnect();
});

const ignored = () => undefined;
const DAY_MS = 86_400_000;
/** More than the number of jobs that are read at the end of a list, and than a range of ids. */
const OTHERS = 600;
const LATER = Array.from({ length: OTHERS }, (_, n) => 1_000 + n);

/** A queue that the reader has seen empty, so that all later jobs are new. */
async function emptiedQueue(): Promise<ManualQueue> {
  const queue = new ManualQueue(redis);
  await queue.add(1);
  await queue.finishAll();
  expect(await queue.oldest()).toBeUndefined();
  return queue;
}

async function putBackFailed({ redis: used, keys }: ManualQueue): Promise<void> {
  await new FailedJobs(used, { keys, onError: ignored, onUnusable: ignored }).putBack(Date.now() + DAY_MS);
}

const WAYS: Readonly<Record<string, (queue: ManualQueue, job: Job) => Promise<void>>> = {
  "stalled, because its worker ended": async (queue, job) => queue.stall(job),
  "failed and was put back": async (queue, job) => {
    await queue.fail(job);
    await putBackFailed(queue);
  },
  "was delayed and tried again": async (queue, job) => {
    await queue.delay(job);
    await job.promote();
  },
};

describe("the oldest receipt", () => {
  it.each(Object.keys(WAYS))("is that of a job that %s, whatever the number of waiting jobs before it", async (way) => {
    const queue = await emptiedQueue();
    await queue.add(5, 7);
    const [oldest, next] = [await queue.take(), await queue.take()];
    expect(await queue.oldest()).toBe(5);
    await queue.add(...LATER);
    await WAYS[way]?.(queue, oldest);
    expect(await queue.oldest()).toBe(5);
    await queue.finish(next);
    expect(await queue.oldest()).toBe(5);

    // The other jobs are taken first, unless this one was put at the front.
    for (let taken = await queue.take(); taken.id !== oldest.id; taken = await queue.take()) await queue.finish(taken);
    expect(await queue.oldest()).toBe(5);
    await queue.finish(oldest);
    expect(await queue.oldest()).toBe(queue.oldestUndone());
    await queue.finishAll();
    expect(await queue.oldest()).toBeUndefined();
  });

  it("includes failed and delayed jobs, behind hundreds of others in the same state", async () => {
    const queue = await emptiedQueue();
    await queue.add(...LATER.slice(0, 300), 5, ...LATER.slice(300), 4);
    for (let n = 0; n < 301; n++) await queue.fail(await queue.take());
    expect(await queue.oldest()).toBe(4);
    for (let n = 0; n < 300; n++) await queue.finish(await queue.take());
    await queue.delay(await queue.take());
    expect(await queue.oldest()).toBe(4);
  });

  // An ingest process may add webhooks late, and repeated webhooks keep their first receipt.
  it("is that of a job that was added after many with a later receipt", async () => {
    const queue = await emptiedQueue();
    await queue.add(...LATER, 5, ...LATER);
    expect(await queue.oldest()).toBe(5);
    expect(await queue.oldest()).toBe(5);
    for (let n = 0; n < OTHERS; n++) await queue.finish(await queue.take());
    expect(await queue.oldest()).toBe(5);
    await queue.finish(await queue.take());
    expect(await queue.oldest()).toBe(1_000);
  });

  it("advances as jobs are done, for any number since the last read", async () => {
    const queue = await emptiedQueue();
    await queue.add(...Array.from({ length: 1_500 }, (_, n) => n));
    for (const jobs of [0, 1, 500, 700, 298]) {
      for (let n = 0; n < jobs; n++) await queue.finish(await queue.take());
      expect(await queue.oldest()).toBe(queue.oldestUndone());
    }
  });

  it("is correct for any actions on jobs, and after a loss of the stored receipts", async () => {
    const receipts = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 300 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), receipts }),
      fc.record({
        kind: fc.constantFrom("finish", "stall", "fail", "delay", "putBack", "promote", "forget"),
        jobs: fc.integer({ min: 1, max: 60 }),
      }),
    );
    const steps = fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const queue = await emptiedQueue();
        await queue.oldest();
        for (const [next, isRead] of taken) {
          if (next.kind === "add") await queue.add(...next.receipts);
          else await queue.perform(next.kind, next.jobs, async () => putBackFailed(queue));
          if (isRead) expect(await queue.oldest()).toBe(queue.oldestUndone());
        }
        expect(await queue.oldest()).toBe(queue.oldestUndone());
        await queue.close();
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it("is found in a queue older than the stored receipts, and if job ids start again", async () => {
    const queue = new ManualQueue(redis);
    await queue.add(...LATER, ...LATER, ...LATER);
    await queue.finishAll();
    await queue.add(9);
    await queue.fail(await queue.take());
    await queue.add(8);
    await queue.delay(await queue.take());
    await queue.add(...LATER);
    await queue.finishAll();
    await queue.add(7, ...LATER);
    const taken = await queue.take();
    expect(await queue.oldest()).toBe(7);
    await queue.finish(taken);
    expect(await queue.oldest()).toBe(8);
    await queue.queue.obliterate({ force: true });
    expect(await queue.oldest()).toBeUndefined();
    await queue.add(...LATER, 6);
    expect(await queue.oldest()).toBe(6);
  });
});

it("is found without writes while few jobs are new", async () => {
  const queue = new ManualQueue(redis);
  await queue.add(...LATER);
  await queue.oldest();
  const keys = queue.keys.queueReceipts(0);
  const before = await Promise.all(keys.map(async (key) => redis.dump(key)));
  await queue.add(1);
  expect(await queue.oldest()).toBe(1);
  expect(await Promise.all(keys.map(async (key) => redis.dump(key)))).toEqual(before);
});

it("is correct while Redis refuses writes, for thousands of jobs that were added and done before", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-refusing-"));
  const server = await startOwnRedis({ dir, durability: "fast" });
  const target = { url: server.url, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 };
  const own = connect(target, "worker", ignored);
  onTestFinished(async () => {
    own.disconnect();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const queue = new ManualQueue(own);
  await queue.add(...LATER);
  await queue.oldest();
  for (let n = 0; n < OTHERS; n++) await queue.finish(await queue.take());
  for (let n = 0; n < 5; n++) await queue.add(...LATER.map((receipt) => receipt + 9_000));
  await queue.add(8, ...LATER);
  await own.call("CONFIG", "SET", "min-replicas-to-write", "1");
  await expect(own.set("refused", 1)).rejects.toThrow("NOREPLICAS");
  expect(await queue.oldest()).toBe(8);
  await own.call("CONFIG", "SET", "min-replicas-to-write", "0");
  expect(await queue.oldest()).toBe(8);

  // Without stored receipts it is unknown, and no value is returned.
  await own.del(...queue.keys.queueReceipts(0));
  await own.call("CONFIG", "SET", "maxmemory", "1");
  await expect(queue.oldest()).rejects.toMatchObject({ retryable: true });
  await own.call("CONFIG", "SET", "maxmemory", "0");
  expect(await queue.oldest()).toBe(8);
  await queue.finishAll();
  expect(await queue.oldest()).toBeUndefined();
}, 60_000);
