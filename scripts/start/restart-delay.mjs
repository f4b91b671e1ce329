const FIRST_MS = 250;
const LONGEST_MS = 10_000;
/** A process that lived this long was well: its end is a new event, not the next turn of a crash loop. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * How long to wait before a process that ended by itself is started again: doubling, so that a crash loop costs little, and
 * bounded, so that recovery is never far away.
 *
 * @param {number} endsBefore how often in a row it had ended before
 * @param {number} livedMs how long it ran this time
 * @returns {{ endsInARow: number, delayMs: number }}
 */
export function restartDelay(endsBefore, livedMs) {
  const endsInARow = livedMs >= HEALTHY_AFTER_MS ? 1 : endsBefore + 1;
  return { endsInARow, delayMs: Math.min(FIRST_MS * 2 ** (endsInARow - 1), LONGEST_MS) };
}
