import {
  BullQueueReader,
  checkRedis,
  FailedJobs,
  Heartbeat,
  jobsPerQueue,
  openMessageStores,
  queueTracing,
  RedisInstanceRegistry,
  RedisQuarantine,
  WebhookConsumer,
  type Keys,
  type QueueTroubles,
  type RedisClient,
  type StoredLayout,
} from "@ticktally/redis";
import { pseudonymsOf, quarantinedText } from "@ticktally/gateways";
import type { WorkerEnvironment } from "@ticktally/schemas";
import { createRegistry, isTraced, readinessOf, startOpsServer, startTracing, type Logger } from "@ticktally/telemetry";
import { FailedJobRounds } from "../failed-job-rounds.ts";
import { startGateway } from "../gateway/start-gateway.ts";
import { JobProcessor } from "../job-processor.ts";
import { KnownInstances } from "../known-instances.ts";
import { Watchdog } from "../watchdog.ts";
import { WorkerMetrics } from "../worker-metrics.ts";

interface WorkerDeps extends QueueTroubles {
  readonly env: WorkerEnvironment;
  readonly logger: Logger;
  readonly redis: RedisClient;
  /** The blocking connection of BullMQ. */
  readonly queueRedis: RedisClient;
  readonly keys: Keys;
  readonly layout: StoredLayout;
  /** Unix ms */
  readonly now: () => number;
}

/** @returns the steps to stop it, in order */
export async function startWorker(deps: WorkerDeps): Promise<readonly (() => unknown)[]> {
  const { env, logger, redis, queueRedis, keys, layout, now, onError, onUnusable } = deps;
  const [registry, stopping] = [createRegistry(), new AbortController()];
  const tracing = await startTracing("worker", env, logger);
  const telemetry = isTraced(env) ? await queueTracing() : undefined;
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
  const [shards, concurrency] = [env.QUEUE_SHARDS, env.WORKER_CONCURRENCY];
  const processor = new JobProcessor({
    store,
    isCluster: redis.isCluster,
    jobsMax: shards * jobsPerQueue(concurrency, shards),
    quarantine: new RedisQuarantine(redis, keys, quarantinedText),
    quarantineBounds,
    instances,
    pseudonyms: pseudonymsOf(env),
    metrics,
    logger,
    tracing,
    signal: stopping.signal,
    now,
  });
  const consumer = new WebhookConsumer(queueRedis, { keys, shards, onError, telemetry, concurrency, processor });
  const failedJobs = new FailedJobs(redis, { keys, onError, onUnusable });
  const rounds = new FailedJobRounds({ failedJobs, logger, now });
  const watchdog = new Watchdog({ queue: new BullQueueReader(redis, keys), processor, logger });
  void layout.fits().then(() => {
    consumer.start();
    rounds.start();
    // Before it takes jobs, a worker that takes none is not stuck: a restart would hide what the data need.
    watchdog.start();
  });
  const gateway = startGateway({ ...deps, messages, settings, registry, fits: layout.fits() });
  const readiness = async () => watchdog.judge(readinessOf(await checkRedis(redis, layout)));
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.WORKER_OPS_PORT, metrics: registry, readiness });
  const heartbeat = new Heartbeat(redis, keys, {
    app: "worker",
    readiness,
    totals: () => metrics.totals,
    gauges: () => metrics.gauges,
    now,
  });
  heartbeat.start();
  return [
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
  ];
}
