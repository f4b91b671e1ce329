import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { metricsView } from "../../apps/api/src/metrics/metrics-view.ts";
import { messageOf } from "../../packages/core/src/index.ts";
import { quarantinedText } from "../../packages/gateways/src/index.ts";
import { Keys, openMessageStores, RedisQuarantine } from "../../packages/redis/src/index.ts";
import { AppProcess } from "../support/app-process.ts";
import { freePort } from "../support/free-port.ts";
import { startOwnRedis, type OwnRedis } from "../support/own-redis.ts";
import { until } from "../support/until.ts";

/** The jobs that version 0.1.0 has queued, as Redis commands that restore them. */
const QUEUED = new URL("../fixtures/queue-of-0.1.0.json", import.meta.url);

const keys = new Keys();
let dir: string;
let redis: OwnRedis;
let client: Redis;
let worker: AppProcess;
let stores: ReturnType<typeof openMessageStores>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ticktally-upgrade-"));
  redis = await startOwnRedis({ dir, durability: "fast", port: await freePort() });
  const commands = z.array(z.tuple([z.string()], z.string())).parse(JSON.parse(await readFile(QUEUED, "utf8")));
  client = new Redis(redis.url);
  for (const [name, ...args] of commands) await client.call(name, ...args);
  stores = openMessageStores(client, { keys, retentionDays: 30 });
  const opsPort = String(await freePort());
  worker = new AppProcess("worker", { REDIS_URL: redis.url, WORKER_OPS_PORT: opsPort }, `http://127.0.0.1:${opsPort}`);
  await worker.start();
  await until("no job is in the queue", async () => (await jobsLeft()) === 0);
});
afterAll(async () => {
  await worker?.kill("SIGTERM");
  client?.disconnect();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Of any state, also failed. */
async function jobsLeft(): Promise<number> {
  const { hostname: host, port, password } = new URL(redis.url);
  const queue = new Queue("webhooks", {
    connection: { host, port: Number(port), password },
    prefix: keys.queuePrefix(0),
  });
  try {
    return await queue.getJobCountByTypes("waiting", "active", "delayed", "failed", "prioritized");
  } finally {
    await queue.close();
  }
}

describe("jobs that an older version has queued", () => {
  it("are counted", async () => {
    const summaries = await stores.counts.summaries(["7103000001", "7103000002"], Date.now());
    const metrics = metricsView("7103000001,7103000002", summaries, 0);
    expect(metrics).toMatchObject({ totalMessages: 4, messagesReceived: 1, messagesSent: 3, messagesSentByApi: 2 });
    expect(metrics.reached.api).toMatchObject({ sent: 2, delivered: 1, read: 1, failed: 1 });
    expect(metrics.failuresByReason.uploader_error).toBe(1);
  });

  it("keep their times of receipt", async () => {
    const record = await stores.messages.message("7103000001", "3EB0OLD1", "outgoing");
    expect(record && messageOf(record).reported.read).toMatchObject({
      receivedAt: Date.parse("2025-01-01T00:01:01.000Z") / 1000,
    });
  });

  it("are quarantined if they cannot be read, and none remains in the queue", async () => {
    expect((await new RedisQuarantine(client, keys, quarantinedText).list({}, 100)).entries).toHaveLength(1);
    expect(await jobsLeft()).toBe(0);
  });
});
