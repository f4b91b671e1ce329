import { connect, Keys, redisTarget, StoredLayout } from "@ticktally/redis";
import { forwarderEnvironment, readEnvironment } from "@ticktally/schemas";
import { createLogger, endProcess, logThrottled, onShutdown, start } from "@ticktally/telemetry";
import { startForwarder } from "./process/start-forwarder.ts";

await start(async () => {
  const env = readEnvironment(forwarderEnvironment, process.env);
  const [logger, keys, now] = [createLogger("forwarder", env.LOG_LEVEL), new Keys(), Date.now];
  const onError = logThrottled(logger, "Redis cannot be used; nothing is forwarded", now);
  const queueRedis = connect(redisTarget(env), "worker", onError);
  const redis = connect(redisTarget(env), "reader", onError);
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "nothing is forwarded"));

  const troubles = { onError, onUnusable: endProcess(logger) };
  const steps = await startForwarder({ env, logger, redis, queueRedis, keys, layout, now, ...troubles });
  logger.info({ opsHost: env.OPS_HOST, opsPort: env.FORWARDER_OPS_PORT }, "forwarding");
  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, steps);
});
