import { connect, Keys, redisTarget, StoredLayout } from "@ticktally/redis";
import { GATEWAYS, isSwitchedOn } from "@ticktally/gateways";
import { gatewaySettings, ingestEnvironment, readEnvironment } from "@ticktally/schemas";
import { createLogger, endProcess, logThrottled, onShutdown, start } from "@ticktally/telemetry";
import { startIngest } from "./process/start-ingest.ts";

await start(async () => {
  const env = readEnvironment(ingestEnvironment, process.env);
  const setting = gatewaySettings(GATEWAYS, process.env);
  const gateways = GATEWAYS.filter((gateway) => isSwitchedOn(gateway, setting));
  const [logger, keys, now] = [createLogger("ingest", env.LOG_LEVEL), new Keys(), Date.now];
  const onError = logThrottled(logger, "Redis cannot be used; webhooks are refused with 503", now);
  const redis = connect(redisTarget(env, env.INGEST_STORE_TIMEOUT_MS), "producer", onError);
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "webhooks are refused with 503"));

  const troubles = { onError, onUnusable: endProcess(logger) };
  const steps = await startIngest({ env, setting, gateways, logger, redis, keys, layout, now, ...troubles });
  const names = gateways.map(({ name }) => name);
  logger.info({ host: env.HOST, port: env.INGEST_PORT, opsPort: env.INGEST_OPS_PORT, gateways: names }, "listening");
  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, steps);
});
