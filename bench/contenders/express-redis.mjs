// No queue: the request itself counts, and is answered when that is done.
import { Redis } from "ioredis";
import { countInSeparateCalls } from "./plain/count-webhook.mjs";
import { startWebhookApp } from "./plain/webhook-app.mjs";

const redis = new Redis(process.env["STORE_URL"] ?? "");
startWebhookApp(async (webhook) => countInSeparateCalls(redis, webhook));
