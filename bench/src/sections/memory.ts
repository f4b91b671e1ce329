import { Redis } from "ioredis";
import { countingInOneCall } from "../contenders/plain/count-webhook.ts";
import { fillOurQueue, fillPlainQueue } from "../stores/fill-queue.ts";
import { fillInstance, ourStore } from "../stores/our-store.ts";
import { rowOf } from "../results/rounds.ts";
import { startRedisStore } from "../stores/stores.ts";
import { makeTraffic, messageId, randomFrom } from "../load/traffic.ts";
import type { Section } from "../section.ts";

const INSTANCES = Array.from({ length: 10 }, (_, i) => String(1_101_000_000 + i));

/** Redis's memory for messages and for the queue. No time is measured, so nothing is fsynced. */
export const memory: Section = {
  name: "memory",
  title: "Redis memory",
  run: async ({ isShort, print }) => {
    const messages = isShort ? 50_000 : 1_000_000;
    const ours = await bytesOf(async (_, url) => fillOurs(url, messages));
    const plain = await bytesOf(async (redis) => fillPlain(redis, messages / 10));
    print(`ours ${(ours / messages).toFixed(1)}, plain ${((plain * 10) / messages).toFixed(1)} bytes a message`);
    const message = {
      name: "memory-message",
      title: "Bytes a message",
      how: `${messages.toLocaleString("en-US")} messages (plain: a tenth), each observed, sent, delivered and read, over 10 instances and 20,000 chats; all counts included. The plain design keeps fewer.`,
      columns: [{ key: "bytes", label: "bytes a message", digits: 1 }],
      rows: [
        rowOf("ticktally", "Ticktally", [{ bytes: ours / messages }]),
        rowOf("bullmq", "the plain design's hash a message", [{ bytes: (plain * 10) / messages }]),
      ],
    };
    return [message, await queueTable(isShort ? 10_000 : 50_000)];
  },
};

async function queueTable(webhooks: number) {
  const { bodies } = makeTraffic({ webhooks });
  const rows = [];
  for (const size of [1, 56, 100, 500]) {
    const bytes = await bytesOf(async (_, url) => fillOurQueue(url, bodies, size));
    rows.push(rowOf(`ticktally-${size}`, `Ticktally, ${size} a job`, [{ bytes: bytes / webhooks }]));
  }
  const plain = await bytesOf(async (_, url) => fillPlainQueue(url, bodies));
  rows.push(rowOf("bullmq", "plain, one a job", [{ bytes: plain / webhooks }]));
  return {
    name: "memory-queue",
    title: "Bytes a queued webhook",
    how: `${webhooks.toLocaleString("en-US")} webhooks of ${Math.round(bodies.join("").length / webhooks)} bytes on average. A job has one webhook when all is quiet, 56 at 64 busy connections.`,
    columns: [{ key: "bytes", label: "bytes a webhook", digits: 0 }],
    rows,
  };
}

async function bytesOf(fill: (redis: Redis, url: string) => Promise<void>) {
  const server = await startRedisStore("fast");
  const redis = new Redis(server.url);
  try {
    const before = await usedBytes(redis);
    await fill(redis, server.url);
    return (await usedBytes(redis)) - before;
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

async function usedBytes(redis: Redis) {
  return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
}

async function fillOurs(url: string, messages: number) {
  const target = ourStore(url);
  for (const instance of INSTANCES) await fillInstance(target, instance, messages / INSTANCES.length);
  target.redis.disconnect();
}

async function fillPlain(redis: Redis, messages: number) {
  const [count, random, now] = [countingInOneCall(redis), randomFrom(1), Math.floor(Date.now() / 1000)];
  for (let done = 0; done < messages; done += 100) {
    const batch = Array.from({ length: 100 }, () => {
      const chatId = `7900${1_000_000 + Math.floor(random() * 20_000)}@c.us`;
      const idInstance = Number(INSTANCES[Math.floor(random() * INSTANCES.length)]);
      const common = { instanceData: { idInstance }, idMessage: messageId(random), timestamp: now, chatId };
      const statuses = ["sent", "delivered", "read"].map((status) => ({ ...common, typeWebhook: "", status }));
      return [{ ...common, typeWebhook: "outgoingAPIMessageReceived" }, ...statuses];
    });
    await Promise.all(batch.flat().map(count));
  }
}
