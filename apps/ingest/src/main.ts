import {
  BullWebhookQueue,
  checkRedis,
  connect,
  Heartbeat,
  Keys,
  openLaneWriter,
  queueTracing,
  RedisInstanceRegistry,
  redisTarget,
  StoredLayout,
} from "@ticktally/redis";
import { GATEWAYS, isSwitchedOn, pseudonymsOf } from "@ticktally/gateways";
import { gatewaySettings, ingestEnvironment, readEnvironment } from "@ticktally/schemas";
import {
  createLogger,
  createRegistry,
  endProcess,
  isTraced,
  onShutdown,
  readinessOf,
  logThrottled,
  start,
  stopHttpServer,
  startOpsServer,
  startTracing,
} from "@ticktally/telemetry";
import { Forwarding } from "./intake/forwarding.ts";
import { FailedLoginLimit } from "./failed-login-limit.ts";
import { IngestMetrics } from "./ingest-metrics.ts";
import { startIngestServer } from "./http/ingest-server.ts";
import { senderAddress } from "./access/sender-address.ts";
import { WebhookAccess } from "./access/webhook-access.ts";
import { WebhookIntake } from "./intake/webhook-intake.ts";
import { WebhookSources } from "./access/webhook-sources.ts";

await start(async () => {
  const env = readEnvironment(ingestEnvironment, process.env);
  const setting = gatewaySettings(GATEWAYS, process.env);
  const gateways = GATEWAYS.filter((gateway) => isSwitchedOn(gateway, setting));
  const logger = createLogger("ingest", env.LOG_LEVEL);
  const registry = createRegistry();
  const tracing = await startTracing("ingest", env, logger);
  const telemetry = isTraced(env) ? await queueTracing() : undefined;
  const onError = logThrottled(logger, "Redis cannot be used; webhooks are refused with 503", Date.now);
  const onUnusable = endProcess(logger);
  const redis = connect(redisTarget(env, env.INGEST_STORE_TIMEOUT_MS), "producer", onError);
  const keys = new Keys();
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "webhooks are refused with 503"));
  const addressOf = senderAddress(env.TRUST_PROXY);

  const queue = new BullWebhookQueue(redis, {
    keys,
    shards: env.QUEUE_SHARDS,
    onError,
    onUnusable,
    telemetry,
    layout,
  });
  const metrics = new IngestMetrics(registry, gateways);
  const access = new WebhookAccess(env.TICKTALLY_WEBHOOK_TOKEN, new RedisInstanceRegistry(redis, keys));
  const onKeyMissing = logThrottled(logger, "webhooks are not forwarded", Date.now);
  const lanes = openLaneWriter(redis, { keys, env, onError, onUnusable, onKeyMissing });
  const intake = new WebhookIntake({
    queue,
    secrets: { tokenOwner: access.of.bind(access), setting },
    sources: new WebhookSources(env.WEBHOOK_ALLOWED_IPS, addressOf),
    senderAddress: addressOf,
    failedLogins: new FailedLoginLimit(env.INGEST_WRONG_TOKENS_PER_MINUTE),
    forwarding: new Forwarding(lanes),
    metrics,
    logger,
    tracing,
    bodyBytesMax: env.INGEST_BODY_LIMIT,
    batchMax: env.INGEST_BATCH_MAX,
    storeTimeoutMs: env.INGEST_STORE_TIMEOUT_MS,
    queueJobsMax: env.INGEST_MAX_QUEUE_DEPTH,
    pseudonyms: pseudonymsOf(env),
    now: Date.now,
  });
  // Through the queue as well: it has a life of its own on the same connection.
  const readiness = async () => queue.waiting(0).then(async () => readinessOf(await checkRedis(redis, layout)));
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.INGEST_OPS_PORT, metrics: registry, readiness });
  const server = await startIngestServer(intake, gateways, env.HOST, env.INGEST_PORT);
  const totals = () => metrics.totals();
  const heartbeat = new Heartbeat(redis, keys, { app: "ingest", readiness, totals, now: Date.now });
  heartbeat.start();
  const names = gateways.map(({ name }) => name);
  logger.info({ host: env.HOST, port: env.INGEST_PORT, opsPort: env.INGEST_OPS_PORT, gateways: names }, "listening");

  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => layout.stop(),
    () => intake.drain(),
    async () => stopHttpServer(server),
    async () => intake.idle(),
    async () => tracing.stop(),
    () => redis.disconnect(),
  ]);
});
