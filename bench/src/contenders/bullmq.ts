// One BullMQ job for each webhook; the worker counts with separate Redis calls.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { countInSeparateCalls } from "./plain/count-webhook.ts";
import { startWebhookApp } from "./plain/webhook-app.ts";
import type { Webhook } from "./plain/webhook.ts";

const { ROLE, STORE_URL = "" } = process.env;

if (ROLE === "ingest") {
  const queue = new Queue("plain", { connection: new Redis(STORE_URL) });
  startWebhookApp(async (webhook) => queue.add("webhook", webhook, { removeOnComplete: true }));
} else {
  const redis = new Redis(STORE_URL);
  const count = async (webhook: Webhook) => countInSeparateCalls(redis, webhook);
  new Worker("plain", async ({ data }: { data: Webhook }) => count(data), {
    connection: new Redis(STORE_URL, { maxRetriesPerRequest: null }),
    concurrency: 50,
  });
  process.send?.("ready");
}
