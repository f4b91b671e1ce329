/** The batch that was just stored. */
export interface StoredBatch {
  readonly lines: number;
  readonly tookMs: number;
}

/** How long to collect before the next batch: for a time, or until there are enough lines, whichever comes first. */
export interface Collecting {
  readonly ms: number;
  readonly lines: number;
}

const NOT_AT_ALL: Collecting = { ms: 0, lines: 0 };

/**
 * While the worker is behind: a backlog of few large jobs drains faster than many small ones and reaches the limit later. Every job has a
 * fixed cost in the worker and in Redis, which is small when spread over fifty webhooks.
 */
const BEHIND: Collecting = { ms: 20, lines: 50 };

/** A batch of this size suggests that more will follow: `commit_siblings` in PostgreSQL. */
const BUSY_LINES = 8;
/** Share of the time the last batch took, as PostgreSQL recommends for its `commit_delay`: senders wait slightly longer, batches double. */
const BUSY_SHARE = 0.5;
const BUSY_MS_MAX = 5;

/** How long webhooks collect before the next batch is stored: not at all unless ingest is busy. */
export function collecting({ lines, tookMs }: StoredBatch, isBehind: boolean): Collecting {
  if (isBehind) return BEHIND;
  if (lines < BUSY_LINES) return NOT_AT_ALL;
  return { ms: Math.min(Math.round(tookMs * BUSY_SHARE), BUSY_MS_MAX), lines: Infinity };
}
