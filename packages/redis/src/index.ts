export { connect, redisTarget, type ConnectionRole, type RedisClient, type RedisTarget } from "./connection.ts";
export { RedisInstanceOverviews } from "./instance-overviews.ts";
export { RedisInstanceRegistry } from "./instance-registry.ts";
export { Keys } from "./keys.ts";
export { RedisMessageStore } from "./message-store.ts";
export { RedisQuarantine } from "./quarantine.ts";
export { rateLimitStore } from "./rate-limit-store.ts";
export { checkRedis, type RedisHealth } from "./redis-health.ts";
export { BullQueueReader, BullWebhookQueue, consumeWebhooks, type Consumer } from "./webhook-queue.ts";
