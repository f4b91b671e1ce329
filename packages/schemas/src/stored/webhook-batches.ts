/** Webhooks in a batch, unless `INGEST_BATCH_MAX` says otherwise. */
export const BATCH_WEBHOOKS_MAX = 500;
/** A thousand usual webhooks. A worker needs about 5 MB for each such job in progress. */
export const BATCH_CHARS_MAX = 512 * 1024;

/** Lines of any number as batches within the limits, in order. A single longer line is a batch of its own. */
export function batchesOf(lines: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let chars = Infinity;
  for (const line of lines) {
    chars += line.length;
    const last = batches.at(-1);
    if (last !== undefined && last.length < BATCH_WEBHOOKS_MAX && chars <= BATCH_CHARS_MAX) last.push(line);
    else {
      batches.push([line]);
      chars = line.length;
    }
  }
  return batches;
}
