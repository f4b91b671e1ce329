import { createServer } from "node:http";
import { pseudonymsOf } from "@ticktally/gateways";
import {
  checkRedis,
  Heartbeat,
  Outbox,
  QueueBoard,
  rateLimitStore,
  readRedisNodes,
  RedisTargets,
  ShownInstances,
  TargetOverviews,
} from "@ticktally/redis";
import { OutboundNetworks } from "@ticktally/schemas";
import {
  createRegistry,
  listen,
  logThrottled,
  readinessOf,
  SLOW_SENDERS,
  startOpsServer,
  stopHttpServer,
} from "@ticktally/telemetry";
import { Authoriser } from "../access/authorise.ts";
import { startAlerting } from "../alerts/start-alerting.ts";
import { apiApp } from "../api-app.ts";
import { EventHub } from "../events/event-hub.ts";
import { forwardText } from "../forwarding/forward-metrics.ts";
import { forwardingDeps } from "../forwarding/forwarding.ts";
import { ChatDeletion } from "../instances/chat-deletion.ts";
import { LargeQueries } from "../metrics/large-queries.ts";
import { FleetSource } from "../ops/fleet-source.ts";
import { queueView } from "../ops/queue-view.ts";
import { queuedInstance } from "../quarantine/queued-webhook.ts";
import { instanceDeps } from "./instance-deps.ts";
import { openStored, type ApiDeps, type Stored } from "./open-stored.ts";

/** A journal of 64 MiB still arrives at 600 kB/s. */
const REQUEST_TIMEOUT_MS = 120_000;

/** @returns the steps to stop it, in order */
export async function startApi(deps: ApiDeps): Promise<readonly (() => unknown)[]> {
  const { env, logger, redis, keys, layout, now, onError, onUnusable } = deps;
  const stored = openStored(deps);
  const fleet = fleetOf(deps, stored);
  const outbound = new OutboundNetworks(env.OUTBOUND_ALLOWED_NETWORKS);
  const { eraser, stopChecks, closeConnections, ...instances } = instanceDeps(deps, stored, { outbound, fleet });
  const authoriser = new Authoriser({ accountToken: env.TICKTALLY_ACCOUNT_TOKEN, ...stored, now });
  const pseudonyms = pseudonymsOf(env);
  const events = new EventHub({
    outbox: new Outbox(redis, keys),
    registry: stored.registry,
    now,
    onError: logThrottled(logger, "outboxes cannot be read, so event streams wait", now),
  });
  const appDeps = {
    ...stored,
    ...instances,
    ...forwardingDeps({ ...deps, registry: stored.registry, outbound }),
    events,
    largeQueries: new LargeQueries(),
    pseudonyms,
    chats: new ChatDeletion({ eraser: stored.chatEraser, quarantine: stored.quarantine, pseudonyms, logger }),
    redisNodes: async () => readRedisNodes(redis),
    authoriser,
    rateLimit: rateLimitOf(deps),
    trustedProxies: env.TRUST_PROXY,
    layout,
    logger,
    now,
  };

  const readiness = async () => readinessOf(await checkRedis(redis, layout));
  const pages = queueView({
    queues: new QueueBoard(redis, {
      keys,
      shards: env.QUEUE_SHARDS,
      onError,
      onUnusable,
      reconcile: stored.reconcileQueue,
      instanceOf: queuedInstance,
    }),
    authoriser,
    rateLimit: rateLimitOf(deps),
    logger,
  });
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.API_OPS_PORT, metrics: fleet, readiness, pages });
  const server = createServer({ ...SLOW_SENDERS, requestTimeout: REQUEST_TIMEOUT_MS }, apiApp(appDeps, logger));
  await listen(server, env.HOST, env.API_PORT);
  const heartbeat = new Heartbeat(redis, keys, {
    app: "api",
    readiness,
    totals: () => ({}),
    gauges: () => ({ eventStreams: events.size }),
    now,
  });
  heartbeat.start();
  let alerting: { readonly stop: () => Promise<void> } | undefined;
  void layout.fits().then(() => {
    eraser.start();
    if (env.ALERTS === "on") alerting = startAlerting({ ...deps, ...stored });
  });
  return [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => events.stop(),
    stopChecks,
    async () => stopHttpServer(server),
    () => eraser.stop(),
    async () => alerting?.stop(),
    closeConnections,
    () => layout.stop(),
    () => redis.disconnect(),
  ];
}

function fleetOf({ env, logger, redis, keys, now }: ApiDeps, { counts, registry, queue, quarantine }: Stored) {
  return new FleetSource({
    own: createRegistry(),
    counts,
    registry,
    shown: new ShownInstances(redis, keys, registry),
    queue,
    quarantine,
    redisNodes: async () => readRedisNodes(redis),
    forwarding: async () => forwardText(new RedisTargets(redis, keys), new TargetOverviews(redis, keys), now()),
    instancesMax: env.METRICS_INSTANCE_LIMIT,
    newInstanceMs: env.METRICS_NEW_INSTANCE_SECONDS * 1_000,
    onUnreadable: logThrottled(logger, "Redis cannot be read for a scrape", now),
    now,
  });
}

/** One per router, because a store counts for one limiter. */
function rateLimitOf({ env, logger, redis, keys, now }: ApiDeps) {
  const onUncounted = logThrottled(logger, "requests cannot be counted, so they are not limited", now);
  return { store: rateLimitStore(redis, keys, onUncounted), perMinute: env.API_RATE_LIMIT_PER_MINUTE };
}
