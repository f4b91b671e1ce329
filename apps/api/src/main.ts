import { createServer } from "node:http";
import {
  BullQueueReader,
  BullWebhookQueue,
  checkRedis,
  connect,
  ForwardedInstances,
  GatewayPace,
  Heartbeat,
  Keys,
  Outbox,
  QueueBoard,
  rateLimitStore,
  readRedisNodes,
  ReconcileQueue,
  RedisChatUnion,
  RedisDeletedInstances,
  RedisHeartbeats,
  RedisInstanceOverviews,
  RedisInstanceRegistry,
  RedisMessageStore,
  RedisQuarantine,
  RedisReadTokens,
  RedisReconciliationStore,
  RedisSessions,
  RedisUpstreamStore,
  redisTarget,
  RedisTargets,
  StoredLayout,
  TargetOverviews,
} from "@ticktally/redis";
import { pseudonymsOf, quarantinedText } from "@ticktally/gateways";
import { outboundAgent } from "@ticktally/outbound";
import { apiEnvironment, OutboundNetworks, readEnvironment } from "@ticktally/schemas";
import {
  createLogger,
  createRegistry,
  endProcess,
  listen,
  onShutdown,
  readinessOf,
  SLOW_SENDERS,
  logThrottled,
  start,
  stopHttpServer,
  startOpsServer,
} from "@ticktally/telemetry";
import { startAlerting } from "./alerts/start-alerting.ts";
import { apiApp } from "./api-app.ts";
import { Authoriser } from "./access/authorise.ts";
import { BackgroundEraser } from "./instances/background-eraser.ts";
import { ChatDeletion } from "./instances/chat-deletion.ts";
import { DeletionFollowUp } from "./instances/deletion-follow-up.ts";
import { EventHub } from "./events/event-hub.ts";
import { FleetSource } from "./ops/fleet-source.ts";
import { forwardText } from "./forwarding/forward-metrics.ts";
import { forwardingDeps } from "./forwarding/forwarding.ts";
import { GatewayChecker } from "./gateway-check/gateway-checker.ts";
import { InstanceChanges } from "./instances/instance-changes.ts";
import { InstanceDirectory } from "./instances/instance-directory.ts";
import { LargeQueries } from "./metrics/large-queries.ts";
import { queueView } from "./ops/queue-view.ts";
import { queuedInstance } from "./quarantine/queued-webhook.ts";

/** A journal of 64 MiB still comes in at 600 kB/s. */
const REQUEST_TIMEOUT_MS = 120_000;

await start(async () => {
  const env = readEnvironment(apiEnvironment, process.env);
  const logger = createLogger("api", env.LOG_LEVEL);
  const onError = logThrottled(logger, "Redis cannot be used; requests get 503", Date.now);
  const onUnusable = endProcess(logger);
  const redis = connect(redisTarget(env), "reader", onError);
  const [keys, own, now] = [new Keys(), createRegistry(), Date.now];

  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "requests get 503"));
  const registry = new RedisInstanceRegistry(redis, keys);
  const counts = new RedisMessageStore(redis, {
    keys,
    retentionDays: env.MESSAGE_RETENTION_DAYS,
    admit: async (ids) => new Set(await registry.registered(ids)),
    onDamage: (instance) => logger.error({ instance }, "Redis refused a part of a commit"),
  });
  const queue = new BullQueueReader(redis, keys);
  const queueOptions = { keys, shards: env.QUEUE_SHARDS, onError, onUnusable };
  const webhookQueue = new BullWebhookQueue(redis, queueOptions);
  const [readTokens, sessions] = [new RedisReadTokens(redis, keys), new RedisSessions(redis, keys)];
  const accountToken = env.TICKTALLY_ACCOUNT_TOKEN;
  const authoriser = new Authoriser({ accountToken, registry, readTokens, sessions, now });
  const quarantine = new RedisQuarantine(redis, keys, quarantinedText);
  const fleet = new FleetSource({
    own,
    counts,
    registry,
    queue,
    quarantine,
    redisNodes: async () => readRedisNodes(redis),
    forwarding: async () => forwardText(new RedisTargets(redis, keys), new TargetOverviews(redis, keys), now()),
    instancesMax: env.METRICS_INSTANCE_LIMIT,
    newInstanceMs: env.METRICS_NEW_INSTANCE_SECONDS * 1_000,
    onUnreadable: logThrottled(logger, "Redis cannot be read for a scrape", now),
    now,
  });

  const upstreams = new RedisUpstreamStore(redis, keys);
  const deleted = new RedisDeletedInstances(redis, keys);
  const followUp = new DeletionFollowUp({ deleted, registry, upstreams, quarantine, eraser: counts, now });
  const erase = async () => {
    await followUp.look();
    const erased = await counts.erase();
    await counts.labels.finishAll();
    return erased;
  };
  const eraser = new BackgroundEraser({ erase }, logger);
  const overviews = new RedisInstanceOverviews(redis, keys);
  const directory = new InstanceDirectory(overviews, upstreams);
  const [stopping, outbound] = [new AbortController(), new OutboundNetworks(env.OUTBOUND_ALLOWED_NETWORKS)];
  const agent = outboundAgent(outbound);
  const checker = new GatewayChecker({
    registry,
    pace: new GatewayPace(redis, keys),
    agent,
    publicUrl: env.PUBLIC_URL,
    webhookToken: env.TICKTALLY_WEBHOOK_TOKEN,
    signal: stopping.signal,
  });
  const changes = new InstanceChanges({
    administration: registry,
    settings: counts,
    upstreams,
    eraser: counts,
    quarantine,
    forwarded: new ForwardedInstances(redis, keys),
    outbound,
    onForgotten: (id) => {
      fleet.forget(id);
      eraser.wake();
    },
    logger,
  });

  const pseudonyms = pseudonymsOf(env);
  const onUncounted = logThrottled(logger, "requests cannot be counted, so they are not limited", now);
  const rateLimit = () => ({
    store: rateLimitStore(redis, keys, onUncounted),
    perMinute: env.API_RATE_LIMIT_PER_MINUTE,
  });
  const readiness = async () => readinessOf(await checkRedis(redis, layout));
  const reconcileQueue = new ReconcileQueue(redis, { keys, onError, onUnusable });
  const pages = queueView({
    queues: new QueueBoard(redis, { ...queueOptions, reconcile: reconcileQueue, instanceOf: queuedInstance }),
    authoriser,
    rateLimit: rateLimit(),
    logger,
  });
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.API_OPS_PORT, metrics: fleet, readiness, pages });
  const events = new EventHub({
    outbox: new Outbox(redis, keys),
    registry,
    now,
    onError: logThrottled(logger, "outboxes cannot be read, so event streams wait", now),
  });
  const deps = {
    events,
    counts,
    largeQueries: new LargeQueries(),
    chatUnion: new RedisChatUnion(redis, keys),
    messages: counts,
    lists: counts,
    labels: counts.labels,
    queue,
    registry,
    directory,
    changes,
    checker,
    overviews,
    quarantine,
    webhookQueue,
    upstreams,
    reconciliations: new RedisReconciliationStore(redis, keys),
    reconcileQueue,
    pseudonyms,
    chats: new ChatDeletion({ eraser: counts, quarantine, pseudonyms, logger }),
    heartbeats: new RedisHeartbeats(redis, keys),
    redisNodes: async () => readRedisNodes(redis),
    readTokens,
    sessions,
    ...forwardingDeps({ redis, keys, env, registry, outbound, logger, now, onError, onUnusable }),
    authoriser,
    logger,
    now,
    rateLimit: rateLimit(),
    trustedProxies: env.TRUST_PROXY,
    layout,
  };
  const server = createServer({ ...SLOW_SENDERS, requestTimeout: REQUEST_TIMEOUT_MS }, apiApp(deps, logger));
  await listen(server, env.HOST, env.API_PORT);
  const heartbeat = new Heartbeat(redis, keys, {
    app: "api",
    readiness,
    totals: () => ({}),
    gauges: () => ({ eventStreams: events.size }),
    now,
  });
  heartbeat.start();
  logger.info({ host: env.HOST, port: env.API_PORT, opsPort: env.API_OPS_PORT }, "listening");
  let alerting: { readonly stop: () => Promise<void> } | undefined;
  void layout.fits().then(() => {
    eraser.start();
    if (env.ALERTS === "on")
      alerting = startAlerting({
        redis,
        keys,
        env,
        registry,
        counts,
        queue,
        quarantine,
        logger,
        now,
        onError,
        onUnusable,
      });
  });

  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => events.stop(),
    () => stopping.abort(),
    async () => stopHttpServer(server),
    () => eraser.stop(),
    async () => alerting?.stop(),
    async () => agent.destroy(),
    () => layout.stop(),
    () => redis.disconnect(),
  ]);
});
