import { connect, Keys, redisTarget, StoredLayout } from "@ticktally/redis";
import { apiEnvironment, readEnvironment } from "@ticktally/schemas";
import { createLogger, endProcess, logThrottled, onShutdown, start } from "@ticktally/telemetry";
import { startApi } from "./process/start-api.ts";

await start(async () => {
  const env = readEnvironment(apiEnvironment, process.env);
  const [logger, keys, now] = [createLogger("api", env.LOG_LEVEL), new Keys(), Date.now];
  const onError = logThrottled(logger, "Redis cannot be used; requests get 503", now);
  const redis = connect(redisTarget(env), "reader", onError);
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "requests get 503"));

  const steps = await startApi({ env, logger, redis, keys, layout, now, onError, onUnusable: endProcess(logger) });
  logger.info({ host: env.HOST, port: env.API_PORT, opsPort: env.API_OPS_PORT }, "listening");
  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, steps);
});
