import { randomUUID } from "node:crypto";
import type { MessageReader, SettingsStore } from "@ticktally/core";
import {
  BullWebhookQueue,
  consumeReconciliation,
  GatewayPace,
  openLaneWriter,
  ReconcileQueue,
  RedisPullLease,
  RedisReconciliationStore,
  RedisUpstreamStore,
  type Keys,
  type QueueTroubles,
  type RedisClient,
} from "@ticktally/redis";
import { pseudonymsOf } from "@ticktally/gateways";
import { OutboundNetworks, type ForwardingEnvironment, type WorkerEnvironment } from "@ticktally/schemas";
import { logThrottled, type Logger, type Registry } from "@ticktally/telemetry";
import { GatewayMetrics } from "./gateway-metrics.ts";
import { JournalComparison } from "./journal-comparison.ts";
import { outboundAgent } from "@ticktally/outbound";
import { Puller } from "./puller.ts";
import { Reconciler } from "./reconciler.ts";

interface GatewayOptions extends QueueTroubles {
  readonly env: Pick<
    WorkerEnvironment,
    | "QUEUE_SHARDS"
    | "MESSAGE_RETENTION_DAYS"
    | "PSEUDONYMISE_CHATS"
    | "TICKTALLY_PSEUDONYM_KEY"
    | "OUTBOUND_ALLOWED_NETWORKS"
  > &
    ForwardingEnvironment;
  readonly redis: RedisClient;
  /** The blocking connection of BullMQ. */
  readonly queueRedis: RedisClient;
  readonly keys: Keys;
  readonly messages: MessageReader;
  readonly settings: Pick<SettingsStore, "settings">;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Resolves once the stored data may be used. Until then no gateway is called, because its answers could not be counted. */
  readonly fits: Promise<void>;
  /** Unix ms */
  readonly now: () => number;
}

const LOOK_EVERY_MS = 5_000;
/** Runs wait for gateways most of the time, and a silent one must not delay the others. */
const RUNS_AT_ONCE = 16;

/** Everything that calls gateways' APIs. @returns a function to stop it */
export function startGateway(options: GatewayOptions): { readonly stop: () => Promise<void> } {
  const { env, redis, queueRedis, keys, messages, settings, registry, logger, onError, onUnusable, fits, now } =
    options;
  const [stopping, pseudonyms] = [new AbortController(), pseudonymsOf(env)];
  const agent = outboundAgent(new OutboundNetworks(env.OUTBOUND_ALLOWED_NETWORKS));
  const queue = new BullWebhookQueue(redis, { keys, shards: env.QUEUE_SHARDS, onError, onUnusable });
  const onKeyMissing = logThrottled(logger, "webhooks that are pulled are not forwarded", now);
  const lanes = openLaneWriter(redis, { keys, env, onError, onUnusable, onKeyMissing });
  const jobs = new ReconcileQueue(redis, { keys, onError, onUnusable });
  const [upstreams, metrics] = [new RedisUpstreamStore(redis, keys), new GatewayMetrics(registry)];
  const comparison = new JournalComparison({
    messages,
    settings,
    queue,
    pseudonyms,
    retentionDays: env.MESSAGE_RETENTION_DAYS,
    now,
  });
  const reconciler = new Reconciler({
    upstreams,
    runs: new RedisReconciliationStore(redis, keys),
    jobs,
    agent,
    pace: new GatewayPace(redis, keys),
    comparison,
    pseudonyms,
    metrics,
    logger,
    signal: stopping.signal,
    now,
  });
  const lease = new RedisPullLease(redis, keys, randomUUID());
  const puller = new Puller({ upstreams, queue, lanes, pseudonyms, agent, lease, metrics, logger, now });
  const look = () => {
    Promise.all([jobs.keepTicking(), puller.look()]).catch((error: unknown) => {
      onError(error instanceof Error ? error : new Error("unknown"));
    });
  };
  let timer: NodeJS.Timeout | undefined;
  let consumer: Pick<ReturnType<typeof consumeReconciliation>, "close"> | undefined;
  void fits.then(() => {
    if (stopping.signal.aborted) return;
    consumer = consumeReconciliation(queueRedis, {
      keys,
      onError,
      concurrency: RUNS_AT_ONCE,
      process: async (job, starts) => reconciler.process(job, starts),
    });
    look();
    timer = setInterval(look, LOOK_EVERY_MS);
  });
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await Promise.all([puller.stop(), consumer?.close()]);
      await agent.destroy();
    },
  };
}
