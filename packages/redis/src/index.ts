export { RedisAlertStore } from "./alerts/alert-store.ts";
export * from "./access/read-tokens.ts";
export * from "./access/sessions.ts";
export { BackupError } from "./backup/backup-error.ts";
export { BackupSource } from "./backup/backup-source.ts";
export { BackupTarget } from "./backup/backup-target.ts";
export { RedisChatUnion } from "./chats/chat-union.ts";
export type { QueueTroubles } from "./queue/open-queue.ts";
export { consumeReconciliation, ReconcileQueue } from "./queue/reconcile-queue.ts";
export {
  connect,
  redisTarget,
  type ConnectionRole,
  type RedisClient,
  type RedisTarget,
} from "./connection/connection.ts";
export { RedisDeletedInstances } from "./instances/deleted-instances.ts";
export { examineRedis, type Examination } from "./doctor/examine.ts";
export { Heartbeat, RedisHeartbeats } from "./heartbeats/heartbeats.ts";
export { RedisInstanceOverviews } from "./instances/instance-overviews.ts";
export { RedisInstanceRegistry } from "./instances/instance-registry.ts";
export { ShownInstances, type Shown } from "./instances/shown-instances.ts";
export { FailedJobs, type PutBackJob } from "./queue/failed-jobs.ts";
export * from "./forwarding/index.ts";
export { GatewayPace } from "./upstream/gateway-pace.ts";
export { Keys } from "./keys.ts";
export { Outbox } from "./outbox/outbox.ts";
export { OutboxReader, type OutboxEvent } from "./outbox/outbox-reader.ts";
export {
  comparePositions,
  positionAt,
  positionOf,
  positionText,
  type OutboxPosition,
} from "./outbox/outbox-position.ts";
export { RedisPullLease } from "./upstream/pull-lease.ts";
export { RedisReconciliationStore } from "./upstream/reconciliation-store.ts";
export { openMessageStores } from "./message-stores.ts";
export { ownBounds, RedisQuarantine, type QuarantineShare } from "./quarantine/quarantine.ts";
export type { QuarantineBounds } from "./quarantine/quarantine-changes.ts";
export { requirePresentLayout } from "./backup/present-layout.ts";
export { StoredLayout } from "./connection/stored-layout.ts";
export { otherClients } from "./connection/other-clients.ts";
export { Pipeline } from "./backup/pipeline.ts";
export { Upgrade, type UpgradeReport } from "./layout-1/upgrade.ts";
export { rateLimitStore } from "./access/rate-limit-store.ts";
export { checkRedis, type RedisHealth } from "./connection/redis-health.ts";
export { QueueBoard } from "./queue/queue-board.ts";
export { queueTracing } from "./queue/queue-tracing.ts";
export { readRedisNodes, type RedisNode } from "./connection/redis-nodes.ts";
export { RedisUpstreamStore } from "./upstream/upstream-store.ts";
export { BullQueueReader } from "./queue/queue-reader.ts";
export { jobsPerQueue, WebhookConsumer, type Consumer } from "./queue/webhook-consumer.ts";
export { BullWebhookQueue } from "./queue/webhook-queue.ts";
