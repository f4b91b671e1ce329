// A Redis Stream instead of a queue: one entry for each webhook, read by a consumer group a hundred at a time.
import { Redis } from "ioredis";
import { parseJson } from "../../../scripts/process/json.mjs";
import { countingInOneCall } from "./plain/count-webhook.ts";
import { startWebhookApp } from "./plain/webhook-app.ts";
import type { Webhook } from "./plain/webhook.ts";

export type Entry = [id: string, fields: string[]];

const { ROLE, STORE_URL = "" } = process.env;
const redis = new Redis(STORE_URL);

if (ROLE === "ingest") {
  startWebhookApp(async (webhook) => redis.xadd("webhooks", "*", "json", JSON.stringify(webhook)));
} else {
  const reader = new Redis(STORE_URL);
  const count = countingInOneCall(redis);
  await redis.xgroup("CREATE", "webhooks", "counters", "0", "MKSTREAM");
  process.send?.("ready");
  for (;;) {
    const found = await reader.xreadgroup(
      "GROUP",
      "counters",
      "one",
      "COUNT",
      100,
      "BLOCK",
      5000,
      "STREAMS",
      "webhooks",
      ">",
    );
    const entries = (found as [string, Entry[]][] | null)?.[0]?.[1] ?? [];
    if (entries.length === 0) continue;
    const ids = entries.map(([id]) => id);
    await Promise.all(entries.map(async ([, [, json = ""]]) => count(parseJson(json) as Webhook)));
    await redis
      .multi()
      .xack("webhooks", "counters", ...ids)
      .xdel("webhooks", ...ids)
      .exec();
  }
}
