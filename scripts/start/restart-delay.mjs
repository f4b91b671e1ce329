const FIRST_MS = 250;
const LONGEST_MS = 10_000;
/** A process that ran this long was healthy: its end is not part of a crash loop. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * The delay before a process that ended by itself is restarted. It doubles, so that a crash loop costs little, and it is limited, so that recovery
 * is not late.
 *
 * @param {number} endsBefore how often it had ended in a row before
 * @param {number} ranMs how long it ran this time
 * @returns {{ endsInARow: number, delayMs: number }}
 */
export function restartDelay(endsBefore, ranMs) {
  const endsInARow = ranMs >= HEALTHY_AFTER_MS ? 1 : endsBefore + 1;
  return { endsInARow, delayMs: Math.min(FIRST_MS * 2 ** (endsInARow - 1), LONGEST_MS) };
}
