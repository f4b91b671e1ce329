/** The batch that was just stored. */
export interface StoredBatch {
  readonly lines: number;
  readonly tookMs: number;
}

/** How long to collect before the next batch: so long, or until there are so many lines, whichever comes first. */
export interface Collecting {
  readonly ms: number;
  readonly lines: number;
}

const NOT_AT_ALL: Collecting = { ms: 0, lines: 0 };

/**
 * While the worker is behind: a backlog is then few large jobs in place of many small ones, which drains sooner and takes
 * longer to reach the limit. Every job has a cost of its own, at the worker and in Redis; in fifty webhooks it is small.
 */
const BEHIND: Collecting = { ms: 20, lines: 50 };

/** A batch of so many says that more will come at once: `commit_siblings` in PostgreSQL. */
const BUSY_LINES = 8;
/** Of the time the last batch took, as PostgreSQL advises for its `commit_delay`: senders wait little longer, batches double. */
const BUSY_SHARE = 0.5;
const BUSY_MS_MAX = 5;

/** How long webhooks collect before the next batch is stored: not at all unless there is much to do. */
export function collecting({ lines, tookMs }: StoredBatch, isBehind: boolean): Collecting {
  if (isBehind) return BEHIND;
  if (lines < BUSY_LINES) return NOT_AT_ALL;
  return { ms: Math.min(Math.round(tookMs * BUSY_SHARE), BUSY_MS_MAX), lines: Infinity };
}
