const WAIT_MS_MAX = 3_600_000;

/**
 * How long to wait before calling a gateway again after consecutive failures: doubled each time, at most an hour, and never less than it
 * asks for.
 * @param failures at least 1
 * @param firstMs after the first
 * @param askedMs `Retry-After`, a day at most
 */
export function backOffMs(failures: number, firstMs: number, askedMs = 0): number {
  const grownMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), WAIT_MS_MAX);
  return Math.max(grownMs, Math.min(askedMs, 24 * WAIT_MS_MAX));
}
