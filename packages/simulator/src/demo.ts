// `npm start -- --demo` runs this twice: `fill` writes the past month, then `live` sends traffic until it is stopped.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BullWebhookQueue, connect, Keys, redisTarget } from "@ticktally/redis";
import { ingestEnvironment, readEnvironment } from "@ticktally/schemas";
import { z } from "zod";
import { DemoState } from "./demo-state.ts";
import { GatewayServer } from "./gateway-server.ts";
import { setLabels } from "./labels.ts";
import { RestClient } from "./rest-client.ts";
import { writeHistory } from "./sending/history.ts";
import { HttpFeeds } from "./sending/http-feeds.ts";
import { PAUSE_MS } from "./sending/feed.ts";
import { Live, runLive } from "./sending/live.ts";
import { setUpInstances } from "./set-up.ts";
import { CHARACTERS } from "./traffic/characters.ts";
import { Traffic } from "./traffic/traffic.ts";

const environment = z.object({
  DEMO_DIR: z.string(),
  DEMO_URL: z.url(),
  DEMO_INGEST_URL: z.url(),
  DEMO_TASK: z.enum(["fill", "live"]),
  SIMULATOR_PORT: z.coerce.number().int(),
  TICKTALLY_ACCOUNT_TOKEN: z.string(),
  TICKTALLY_WEBHOOK_TOKEN: z.string(),
  META_APP_SECRET: z.string(),
});

const [DAY_MS, MINUTE_MS] = [86_400_000, 60_000];
const HISTORY_DAYS = 30;
const RECONCILE_MINUTES = 60;
const KEPT_EVERY_MS = 5_000;
const RETRIES_MS = 1_000;
const LABELS_AGAIN_MS = 10 * MINUTE_MS;

const env = environment.parse(process.env);
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());

const state = DemoState.open(join(env.DEMO_DIR, "simulator.json"), Date.now());
const traffic = new Traffic({
  seed: 1,
  instances: CHARACTERS.length,
  // Enough for smooth charts; at full scale the month would take 15 s to write.
  scale: 0.4,
  faults: { duplicates: 0.01, disorder: 0.02, lost: 0.002, lostFrom: state.startedAtMs / 1000 },
  // Since yesterday, so the last day looks like live traffic.
  codesFrom: state.startedAtMs / 1000 - DAY_MS / 1000,
});
const rest = new RestClient(env.DEMO_URL, env.TICKTALLY_ACCOUNT_TOKEN);
const sinceMs = Math.floor((state.startedAtMs - HISTORY_DAYS * DAY_MS) / MINUTE_MS) * MINUTE_MS;

if (env.DEMO_TASK === "fill") await fill();
else await live();

/** Write the traffic between the last run, or the beginning, and now. */
async function fill(): Promise<void> {
  const startedAt = performance.now();
  const redisEnv = readEnvironment(ingestEnvironment, process.env);
  const redis = connect(redisTarget(redisEnv), "worker", () => undefined);
  const onUnusable = (error: Error) => {
    throw error;
  };
  const shards = redisEnv.QUEUE_SHARDS;
  const queue = new BullWebhookQueue(redis, { keys: new Keys(), shards, onError: () => undefined, onUnusable });
  await redis.ping();
  // Names first, so everything that the banner mentions exists when it is shown.
  await untilDone(async () => setUpInstances(rest, traffic.instances, { prefix: "", reconcileEveryMinutes: 0 }));
  const monthAgoMs = Date.now() - HISTORY_DAYS * DAY_MS;
  const { writtenUntilMs } = state;
  const period = {
    fromMs: writtenUntilMs === undefined ? sinceMs : Math.max(writtenUntilMs, monthAgoMs),
    toMs: Date.now(),
  };
  let shown = 0;
  const onProgress = (share: number) => {
    const tenth = Math.floor(share * 10);
    if (tenth > shown && period.toMs - period.fromMs > DAY_MS) process.stdout.write(`  ${String(tenth * 10)} %\n`);
    shown = tenth;
  };
  const options = { traffic, period, sinceMs, queue, onProgress, signal: stopping.signal };
  const webhooks = await writeHistory(options);
  const shardNumbers = Array.from({ length: shards }, (_, shard) => shard);
  while (!stopping.signal.aborted && (await Promise.all(shardNumbers.map(async (n) => queue.waiting(n)))).some(Boolean))
    await new Promise((resolve) => setTimeout(resolve, 50));
  if (!stopping.signal.aborted) {
    // Include a few earlier minutes: the last run may have been stopped before it reached them.
    const begun = { fromMs: Math.max(sinceMs, period.fromMs - LABELS_AGAIN_MS), toMs: period.toMs };
    await untilDone(async () => setLabels(rest, traffic, { prefix: "", begun }));
    state.keep(period.toMs);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`  ${webhooks.toLocaleString("en-US")} webhooks in ${seconds} s\n`);
  }
  redis.disconnect();
}

async function live(): Promise<void> {
  const feeds = new HttpFeeds({
    ingestUrl: env.DEMO_INGEST_URL,
    secrets: { webhookToken: env.TICKTALLY_WEBHOOK_TOKEN, appSecret: env.META_APP_SECRET },
    pauseMs: PAUSE_MS,
    signal: stopping.signal,
  });
  const gateway = new GatewayServer({
    traffic,
    sinceMs,
    webhookUrl: `${env.DEMO_INGEST_URL}/webhooks/green-api`,
    webhookToken: env.TICKTALLY_WEBHOOK_TOKEN,
    waiting: (instance) => feeds.waiting(instance),
    now: Date.now,
  });
  await gateway.listen(env.SIMULATOR_PORT);
  const setUp = { prefix: "", gatewayUrl: gateway.url, reconcileEveryMinutes: RECONCILE_MINUTES };
  await untilDone(async () => setUpInstances(rest, traffic.instances, setUp));
  // A gateway reports an account's state when it starts.
  for (const instance of traffic.instances) {
    const startedAt = Math.floor(Date.now() / 1000);
    const current = traffic.state(instance, { fromMs: sinceMs, toMs: Date.now() });
    feeds.push(instance, instance.shape.stateWebhook?.(instance.id, current, startedAt));
  }
  const run = new Live({
    traffic,
    push: (instance, webhook) => {
      feeds.push(instance, webhook);
    },
    fromMs: state.writtenUntilMs ?? Date.now(),
    sinceMs,
  });
  const kept = setInterval(() => {
    // If some are refused, the next start sends them again; duplicates do no harm.
    if (traffic.instances.every(({ id }) => feeds.waiting(id) === 0)) state.keep(run.pushedUntilMs);
  }, KEPT_EVERY_MS);
  await Promise.all([runLive(run, Date.now, stopping.signal), labelLive()]);
  clearInterval(kept);
  await gateway.stop();
}

/** Label campaigns while they are sent: whole minutes, because messages are made by the minute. */
async function labelLive(): Promise<void> {
  const minuteOf = (ms: number) => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  let fromMs = minuteOf(state.writtenUntilMs ?? Date.now());
  while (!stopping.signal.aborted) {
    const toMs = minuteOf(Date.now()) + MINUTE_MS;
    const begun = { fromMs, toMs };
    await untilDone(async () => setLabels(rest, traffic, { prefix: "", begun }));
    fromMs = toMs;
    await delay(toMs - Date.now(), undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}

/** Redis or the api may be unreachable for a moment. */
async function untilDone(action: () => Promise<void>): Promise<void> {
  while (!stopping.signal.aborted) {
    try {
      await action();
      return;
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      await new Promise((resolve) => setTimeout(resolve, RETRIES_MS));
    }
  }
}
