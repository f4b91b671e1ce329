// Fills queues without ingest.
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { BullWebhookQueue } from "@ticktally/redis";
import { DEFAULT_GATEWAY } from "@ticktally/gateways";
import { webhookLine } from "@ticktally/schemas";
import { parseJson } from "../../../scripts/process/json.mjs";
import { ourStore } from "./our-store.ts";

/** One job for each webhook, as the plain contender's ingest adds them. */
export async function fillPlainQueue(url: string, bodies: readonly string[]) {
  const redis = new Redis(url);
  const queue = new Queue("plain", { connection: redis });
  for (let from = 0; from < bodies.length; from += 1000) {
    const jobs = bodies
      .slice(from, from + 1000)
      .map((body) => ({ name: "webhook", data: parseJson(body), opts: { removeOnComplete: true } }));
    await queue.addBulk(jobs);
  }
  redis.disconnect();
}

/** @param size webhooks in a job */
export async function fillOurQueue(url: string, bodies: readonly string[], size: number) {
  const { redis, keys } = ourStore(url);
  await redis.ping();
  const onError = (error: Error) => {
    throw error;
  };
  const queue = new BullWebhookQueue(redis, { keys, shards: 1, onError, onUnusable: onError });
  for (let from = 0; from < bodies.length; from += size) {
    const receivedAtMs = Date.now();
    const parts = bodies.slice(from, from + size).flatMap((body) => DEFAULT_GATEWAY.split(DEFAULT_GATEWAY.parse(body)));
    const lines = parts.map((part) => webhookLine({ receivedAtMs, text: DEFAULT_GATEWAY.withoutContent(part) }));
    await queue.put(0, lines, receivedAtMs);
  }
  redis.disconnect();
}
