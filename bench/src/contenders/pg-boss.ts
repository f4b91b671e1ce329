// A queue in PostgreSQL: one pg-boss job for each webhook, fetched a hundred at a time, each counted by one SQL statement.
import pg from "pg";
import PgBoss from "pg-boss";
import { startWebhookApp } from "./plain/webhook-app.ts";
import { chatOf, countedAs } from "./plain/webhook.ts";
import type { Webhook } from "./plain/webhook.ts";

const QUEUE = "webhooks";
const WORKERS = 4;
const { ROLE, STORE_URL = "" } = process.env;
const boss = new PgBoss({ connectionString: STORE_URL, max: 20 });
boss.on("error", (error) => {
  throw error;
});

const TABLES = `
CREATE TABLE message_status (instance bigint, id text, word text, at bigint, PRIMARY KEY (instance, id, word));
CREATE TABLE counts (instance bigint, word text, hour bigint, count bigint, PRIMARY KEY (instance, word, hour));
CREATE TABLE chats (instance bigint, chat text, PRIMARY KEY (instance, chat));`;

const COUNT = `
WITH first AS (
  INSERT INTO message_status VALUES ($1, $2, $3, $4) ON CONFLICT DO ZERO_TOTALS RETURNING 1
), counted AS (
  INSERT INTO counts SELECT $1, $3, $4 / 3600, 1 FROM first
  ON CONFLICT (instance, word, hour) DO UPDATE SET count = counts.count + 1
)
INSERT INTO chats SELECT $1, $5 FROM first ON CONFLICT DO ZERO_TOTALS`;

if (ROLE === "ingest") {
  await boss.start();
  startWebhookApp(async (webhook) => boss.send(QUEUE, webhook));
} else {
  const pool = new pg.Pool({ connectionString: STORE_URL, max: 20 });
  await pool.query(TABLES);
  await boss.start();
  await boss.createQueue(QUEUE);
  for (let i = 0; i < WORKERS; i++) {
    await boss.work(QUEUE, { batchSize: 100, pollingIntervalSeconds: 0.5 }, async (jobs: { data: Webhook }[]) => {
      await Promise.all(jobs.map(async ({ data }) => count(pool, data)));
    });
  }
  process.send?.("ready");
}

async function count(pool: pg.Pool, webhook: Webhook) {
  const { instanceData, idMessage, timestamp } = webhook;
  await pool.query({
    name: "count",
    text: COUNT,
    values: [instanceData.idInstance, idMessage, countedAs(webhook), timestamp, chatOf(webhook)],
  });
}
