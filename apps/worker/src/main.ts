import { connect, Keys, redisTarget, StoredLayout } from "@ticktally/redis";
import { readEnvironment, workerEnvironment } from "@ticktally/schemas";
import { createLogger, endProcess, logThrottled, onShutdown, start } from "@ticktally/telemetry";
import { lowerPriority } from "./lower-priority.ts";
import { startWorker } from "./process/start-worker.ts";

await start(async () => {
  const env = readEnvironment(workerEnvironment, process.env);
  const [logger, keys, now] = [createLogger("worker", env.LOG_LEVEL), new Keys(), Date.now];
  lowerPriority();
  const onError = logThrottled(logger, "Redis cannot be used; the work waits", now);
  // BullMQ waits on its own connection; what jobs do must fail fast, so that it can be tried again.
  const queueRedis = connect(redisTarget(env), "worker", onError);
  const redis = connect(redisTarget(env), "reader", onError);
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "nothing is counted"));

  const troubles = { onError, onUnusable: endProcess(logger) };
  const steps = await startWorker({ env, logger, redis, queueRedis, keys, layout, now, ...troubles });
  logger.info({ opsHost: env.OPS_HOST, opsPort: env.WORKER_OPS_PORT, concurrency: env.WORKER_CONCURRENCY }, "working");
  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, steps);
});
