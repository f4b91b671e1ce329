/** Where accepted webhooks wait for a worker. */
export interface WebhookQueue {
  readonly shards: number;
  /**
   * Store a batch. When this returns, the batch is as safe as Redis can keep it.
   * @param lines as `webhookLine` makes them
   * @param receivedAtMs receipt of the oldest
   * @returns the job's id, which the worker's log shows too
   * @throws {QueueFullError} it is not stored, because the memory that is left is reserved for the workers
   * @throws {StoreUnavailableError} it may or may not be stored; storing it again does no harm
   */
  put(shard: number, lines: readonly string[], receivedAtMs: number): Promise<string>;
  /** Jobs of a shard that no worker has taken yet. */
  waiting(shard: number): Promise<number>;
}

export interface QueueStatus {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** Receipt of the oldest webhook that is not applied yet, Unix ms; possibly earlier, never later. */
  readonly oldestReceivedAtMs?: number;
}

export interface QueueReader {
  /**
   * All queues together. Everything that was answered 200 before the call and is not applied yet is included. What is added during the call
   * may be missing, even if it was received earlier: it had no answer yet when the call began.
   */
  status(): Promise<QueueStatus>;
}
