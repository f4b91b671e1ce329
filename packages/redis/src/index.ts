export { RedisAlertStore } from "./alerts/alert-store.ts";
export * from "./access/read-tokens.ts";
export * from "./access/sessions.ts";
export { BackupError } from "./backup/backup-error.ts";
export { BackupSource } from "./backup/backup-source.ts";
export { BackupTarget } from "./backup/backup-target.ts";
export { RedisChatUnion } from "./chat-union.ts";
export type { QueueTroubles } from "./open-queue.ts";
export { consumeReconciliation, ReconcileQueue } from "./reconcile-queue.ts";
export { connect, redisTarget, type ConnectionRole, type RedisClient, type RedisTarget } from "./connection.ts";
export { RedisDeletedInstances } from "./deleted-instances.ts";
export { examineRedis, type Examination } from "./doctor/examine.ts";
export { Heartbeat, RedisHeartbeats } from "./heartbeats/heartbeats.ts";
export { RedisInstanceOverviews } from "./instance-overviews.ts";
export { RedisInstanceRegistry } from "./instance-registry.ts";
export { FailedJobs, type PutBackJob } from "./failed-jobs.ts";
export * from "./forwarding/index.ts";
export { GatewayPace } from "./gateway-pace.ts";
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
export { RedisPullLease } from "./pull-lease.ts";
export { RedisReconciliationStore } from "./reconciliation-store.ts";
export { RedisMessageStore } from "./message-store.ts";
export { ownBounds, RedisQuarantine, type QuarantineShare } from "./quarantine.ts";
export type { QuarantineBounds } from "./quarantine-changes.ts";
export { requirePresentLayout, StoredLayout } from "./stored-layout.ts";
export { otherClients } from "./other-clients.ts";
export { Pipeline } from "./backup/pipeline.ts";
export { Upgrade, type UpgradeReport } from "./layout-1/upgrade.ts";
export { rateLimitStore } from "./rate-limit-store.ts";
export { checkRedis, type RedisHealth } from "./redis-health.ts";
export { QueueBoard } from "./queue-board.ts";
export { queueTracing } from "./queue-tracing.ts";
export { readRedisNodes, type RedisNode } from "./redis-nodes.ts";
export { RedisUpstreamStore } from "./upstream-store.ts";
export { BullQueueReader } from "./queue-reader.ts";
export { WebhookConsumer, type Consumer } from "./webhook-consumer.ts";
export { BullWebhookQueue } from "./webhook-queue.ts";
