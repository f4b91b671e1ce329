import {
  BullWebhookQueue,
  checkRedis,
  Heartbeat,
  openLaneWriter,
  queueTracing,
  RedisInstanceRegistry,
  type Keys,
  type QueueTroubles,
  type RedisClient,
  type StoredLayout,
} from "@ticktally/redis";
import { pseudonymsOf, type Gateway } from "@ticktally/gateways";
import type { IngestEnvironment } from "@ticktally/schemas";
import {
  createRegistry,
  isTraced,
  logThrottled,
  readinessOf,
  startOpsServer,
  startTracing,
  stopHttpServer,
  type Logger,
} from "@ticktally/telemetry";
import { senderAddress } from "../access/sender-address.ts";
import { WebhookAccess } from "../access/webhook-access.ts";
import { WebhookSources } from "../access/webhook-sources.ts";
import { FailedLoginLimit } from "../failed-login-limit.ts";
import { startIngestServer } from "../http/ingest-server.ts";
import { IngestMetrics } from "../ingest-metrics.ts";
import { Forwarding } from "../intake/forwarding.ts";
import { WebhookIntake } from "../intake/webhook-intake.ts";

interface IngestDeps extends QueueTroubles {
  readonly env: IngestEnvironment;
  /** The settings of a gateway. */
  readonly setting: (name: string) => string | undefined;
  readonly gateways: readonly Gateway[];
  readonly logger: Logger;
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly layout: StoredLayout;
  /** Unix ms */
  readonly now: () => number;
}

/** @returns the steps to stop it, in order */
export async function startIngest(deps: IngestDeps): Promise<readonly (() => unknown)[]> {
  const { env, setting, gateways, logger, redis, keys, layout, now, onError, onUnusable } = deps;
  const registry = createRegistry();
  const tracing = await startTracing("ingest", env, logger);
  const telemetry = isTraced(env) ? await queueTracing() : undefined;
  const addressOf = senderAddress(env.TRUST_PROXY);
  const shards = env.QUEUE_SHARDS;
  const queue = new BullWebhookQueue(redis, { keys, shards, onError, onUnusable, telemetry, layout });
  const metrics = new IngestMetrics(registry, gateways);
  const access = new WebhookAccess(env.TICKTALLY_WEBHOOK_TOKEN, new RedisInstanceRegistry(redis, keys));
  const onKeyMissing = logThrottled(logger, "webhooks are not forwarded", now);
  const intake = new WebhookIntake({
    queue,
    secrets: { tokenOwner: access.of.bind(access), setting },
    sources: new WebhookSources(env.WEBHOOK_ALLOWED_IPS, addressOf),
    senderAddress: addressOf,
    failedLogins: new FailedLoginLimit(env.INGEST_WRONG_TOKENS_PER_MINUTE),
    forwarding: new Forwarding(openLaneWriter(redis, { keys, env, onError, onUnusable, onKeyMissing })),
    metrics,
    logger,
    tracing,
    bodyBytesMax: env.INGEST_BODY_LIMIT,
    batchMax: env.INGEST_BATCH_MAX,
    storeTimeoutMs: env.INGEST_STORE_TIMEOUT_MS,
    queueJobsMax: env.INGEST_MAX_QUEUE_DEPTH,
    pseudonyms: pseudonymsOf(env),
    now,
  });
  // Also check the queue, which can fail by itself on the same connection.
  const readiness = async () => queue.waiting(0).then(async () => readinessOf(await checkRedis(redis, layout)));
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.INGEST_OPS_PORT, metrics: registry, readiness });
  const server = await startIngestServer(intake, gateways, env.HOST, env.INGEST_PORT);
  const heartbeat = new Heartbeat(redis, keys, { app: "ingest", readiness, totals: () => metrics.totals(), now });
  heartbeat.start();
  return [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => layout.stop(),
    () => intake.drain(),
    async () => stopHttpServer(server),
    async () => intake.idle(),
    async () => tracing.stop(),
    () => redis.disconnect(),
  ];
}
