import {
  BullQueueReader,
  BullWebhookQueue,
  openMessageStores,
  RedisChatUnion,
  RedisDeletedInstances,
  RedisHeartbeats,
  RedisInstanceOverviews,
  RedisInstanceRegistry,
  RedisQuarantine,
  RedisReadTokens,
  RedisReconciliationStore,
  RedisSessions,
  RedisUpstreamStore,
  ReconcileQueue,
  type Keys,
  type QueueTroubles,
  type RedisClient,
  type StoredLayout,
} from "@ticktally/redis";
import { quarantinedText } from "@ticktally/gateways";
import type { ApiEnvironment } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";

/** The dependencies shared by all parts of the process. */
export interface ApiDeps extends QueueTroubles {
  readonly env: ApiEnvironment;
  readonly logger: Logger;
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly layout: StoredLayout;
  /** Unix ms */
  readonly now: () => number;
}

export type Stored = ReturnType<typeof openStored>;

/** Everything in Redis that the process reads and changes. */
export function openStored({ env, logger, redis, keys, onError, onUnusable }: ApiDeps) {
  const registry = new RedisInstanceRegistry(redis, keys);
  const { messages, ...stores } = openMessageStores(redis, {
    keys,
    retentionDays: env.MESSAGE_RETENTION_DAYS,
    admit: async (ids) => new Set(await registry.registered(ids)),
    onDamage: (instance) => logger.error({ instance }, "Redis refused a part of a commit"),
  });
  return {
    ...stores,
    messages,
    lists: messages,
    chatUnion: new RedisChatUnion(redis, keys),
    registry,
    overviews: new RedisInstanceOverviews(redis, keys),
    deleted: new RedisDeletedInstances(redis, keys),
    quarantine: new RedisQuarantine(redis, keys, quarantinedText),
    queue: new BullQueueReader(redis, keys),
    webhookQueue: new BullWebhookQueue(redis, { keys, shards: env.QUEUE_SHARDS, onError, onUnusable }),
    upstreams: new RedisUpstreamStore(redis, keys),
    reconciliations: new RedisReconciliationStore(redis, keys),
    reconcileQueue: new ReconcileQueue(redis, { keys, onError, onUnusable }),
    readTokens: new RedisReadTokens(redis, keys),
    sessions: new RedisSessions(redis, keys),
    heartbeats: new RedisHeartbeats(redis, keys),
  };
}
