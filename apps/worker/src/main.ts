import {
  BullQueueReader,
  checkRedis,
  connect,
  FailedJobs,
  Heartbeat,
  Keys,
  openMessageStores,
  queueTracing,
  RedisInstanceRegistry,
  RedisQuarantine,
  redisTarget,
  StoredLayout,
  WebhookConsumer,
} from "@ticktally/redis";
import { pseudonymsOf, quarantinedText } from "@ticktally/gateways";
import { readEnvironment, workerEnvironment } from "@ticktally/schemas";
import {
  createLogger,
  createRegistry,
  endProcess,
  isTraced,
  onShutdown,
  readinessOf,
  logThrottled,
  start,
  startOpsServer,
  startTracing,
} from "@ticktally/telemetry";
import { FailedJobRounds } from "./failed-job-rounds.ts";
import { startGateway } from "./gateway/start-gateway.ts";
import { lowerPriority } from "./lower-priority.ts";
import { GroupedStore } from "./grouped-store.ts";
import { JobProcessor } from "./job-processor.ts";
import { KnownInstances } from "./known-instances.ts";
import { Watchdog } from "./watchdog.ts";
import { WorkerMetrics } from "./worker-metrics.ts";

await start(async () => {
  const env = readEnvironment(workerEnvironment, process.env);
  const logger = createLogger("worker", env.LOG_LEVEL);
  lowerPriority();
  const registry = createRegistry();
  const tracing = await startTracing("worker", env, logger);
  const telemetry = isTraced(env) ? await queueTracing() : undefined;
  const onError = logThrottled(logger, "Redis cannot be used; the work waits", Date.now);
  const onUnusable = endProcess(logger);
  const [keys, stopping] = [new Keys(), new AbortController()];
  // BullMQ waits on its own connection; what jobs do must fail fast, so that it can be tried again.
  const [queueRedis, redis] = [
    connect(redisTarget(env), "worker", onError),
    connect(redisTarget(env), "reader", onError),
  ];

  const quarantineBounds = { entriesMax: env.QUARANTINE_MAX, bytesMax: env.QUARANTINE_MAX_BYTES };
  const metrics = new WorkerMetrics(registry, quarantineBounds);
  const instances = new KnownInstances(new RedisInstanceRegistry(redis, keys), env.AUTO_REGISTER_INSTANCES);
  const { store, messages, settings } = openMessageStores(redis, {
    keys,
    retentionDays: env.MESSAGE_RETENTION_DAYS,
    admit: async (asked) => instances.admittedNow(asked),
    onDamage: (instance) => {
      metrics.damagedCommits.inc();
      logger.error({ instance }, "a counter would have gone below 0, or Redis refused a part of a commit");
    },
  });
  const processor = new JobProcessor({
    store: new GroupedStore(store),
    quarantine: new RedisQuarantine(redis, keys, quarantinedText),
    quarantineBounds,
    instances,
    pseudonyms: pseudonymsOf(env),
    metrics,
    logger,
    tracing,
    signal: stopping.signal,
    now: Date.now,
  });
  const consumer = new WebhookConsumer(queueRedis, {
    keys,
    shards: env.QUEUE_SHARDS,
    onError,
    telemetry,
    concurrency: env.WORKER_CONCURRENCY,
    processor,
  });
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "nothing is counted"));
  void layout.fits().then(() => consumer.start());
  const failedJobs = new FailedJobs(redis, { keys, onError, onUnusable });
  const rounds = new FailedJobRounds({ failedJobs, logger, now: Date.now });
  void layout.fits().then(() => {
    rounds.start();
  });
  const gateway = startGateway({
    env,
    redis,
    queueRedis,
    keys,
    messages,
    settings,
    registry,
    logger,
    onError,
    onUnusable,
    fits: layout.fits(),
    now: Date.now,
  });
  const watchdog = new Watchdog({ queue: new BullQueueReader(redis, keys), processor, logger });
  watchdog.start();
  const readiness = async () => watchdog.judge(readinessOf(await checkRedis(redis, layout)));
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.WORKER_OPS_PORT, metrics: registry, readiness });
  const heartbeat = new Heartbeat(redis, keys, {
    app: "worker",
    readiness,
    totals: () => metrics.totals,
    gauges: () => metrics.gauges,
    now: Date.now,
  });
  heartbeat.start();
  logger.info({ opsHost: env.OPS_HOST, opsPort: env.WORKER_OPS_PORT, concurrency: env.WORKER_CONCURRENCY }, "working");

  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => layout.stop(),
    () => watchdog.stop(),
    () => rounds.stop(),
    // A job that waits for Redis gives up after half the time: it then goes back to the queue.
    () => setTimeout(() => stopping.abort(), env.SHUTDOWN_TIMEOUT_MS / 2),
    async () => Promise.all([gateway.stop(), consumer.close()]),
    async () => tracing.stop(),
    () => queueRedis.disconnect(),
    () => redis.disconnect(),
  ]);
});
