// The contender: what a careful developer writes in an afternoon. Express with express.json(), one BullMQ job per webhook,
// and a worker that keeps each message's status in a hash and counts with separate Redis calls.
import { Queue, Worker } from "bullmq";
import express from "express";
import { Redis } from "ioredis";

const RANKS = ["pending", "sent", "delivered", "read"];
const { ROLE, REDIS_URL = "", PORT, TOKEN } = process.env;

if (ROLE === "ingest") {
  const queue = new Queue("plain", { connection: new Redis(REDIS_URL) });
  const app = express();
  app.use(express.json({ limit: "5mb" }));
  app.post("/webhook", async (req, res) => {
    if (req.headers.authorization !== `Bearer ${TOKEN}`) {
      res.sendStatus(401);
      return;
    }
    await queue.add("webhook", req.body, { removeOnComplete: true });
    res.sendStatus(200);
  });
  app.listen(Number(PORT), "127.0.0.1", () => process.send?.("ready"));
} else {
  const redis = new Redis(REDIS_URL);
  new Worker("plain", async (/** @type {{ data: Webhook }} */ { data }) => count(redis, data), {
    connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }),
    concurrency: 50,
  });
  process.send?.("ready");
}

/**
 * @typedef {object} Webhook
 * @property {{ idInstance: number }} instanceData
 * @property {string} idMessage
 * @property {number} timestamp
 * @property {string} [status]
 * @property {string} [chatId]
 * @property {{ chatId: string }} [senderData]
 */

/** @param {Redis} redis @param {Webhook} webhook */
async function count(redis, webhook) {
  const { idInstance } = webhook.instanceData;
  const key = `message:${idInstance}:${webhook.idMessage}`;
  const status = webhook.status ?? "pending";
  const before = await redis.hget(key, "status");
  if (before !== null && RANKS.indexOf(before) >= RANKS.indexOf(status)) return;
  await redis.hset(key, "status", status, `at:${status}`, webhook.timestamp, "chat", webhook.chatId ?? "");
  await redis.expire(key, 30 * 86_400);
  await redis.hincrby(`counts:${idInstance}`, status, 1);
  await redis.hincrby(`hours:${idInstance}:${Math.floor(webhook.timestamp / 3600)}`, status, 1);
  await redis.sadd(`chats:${idInstance}`, webhook.chatId ?? webhook.senderData?.chatId ?? "");
  await redis.incr("applied");
}
