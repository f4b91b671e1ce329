/** The batch that was just stored. */
export interface StoredBatch {
  readonly lines: number;
  readonly tookMs: number;
}

/**
 * While the worker is behind, webhooks collect for so long: a backlog is then few large jobs in place of many small ones,
 * which drains sooner and takes longer to reach the limit. Every job has a cost of its own, at the worker and in Redis.
 */
const BEHIND_MS = 20;

/** A batch of so many says that more will come at once: `commit_siblings` in PostgreSQL. */
const BUSY_LINES = 8;
/** Of the time the last batch took, as PostgreSQL advises for its `commit_delay`: senders wait little longer, batches double. */
const BUSY_SHARE = 0.5;
const BUSY_MS_MAX = 5;

/** How long webhooks collect before the next batch is stored, ms; 0 unless there is much to do. */
export function collectTime({ lines, tookMs }: StoredBatch, isBehind: boolean): number {
  if (isBehind) return BEHIND_MS;
  return lines < BUSY_LINES ? 0 : Math.min(Math.round(tookMs * BUSY_SHARE), BUSY_MS_MAX);
}
