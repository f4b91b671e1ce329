/** Less than this is not told from the noise of a busy machine; a square at the sizes that are used takes far longer. */
const NOTABLE_MS = 3;
const RUNS = 5;

/**
 * How many times as long work takes that is `factor` times as large. Of several runs the shortest counts, which no other process
 * lengthened. Work that is done at once does not grow.
 * @param prepare makes the work of a size; not measured
 */
export function growth(prepare: (size: number) => () => void, size: number, factor: number): number {
  const large = prepare(size * factor);
  if (shortestMs(large, NOTABLE_MS) < NOTABLE_MS) return 1;
  return shortestMs(large, 0) / Math.max(shortestMs(prepare(size), 0), 0.001);
}

/** @param enoughMs a run that takes less ends it */
function shortestMs(work: () => void, enoughMs: number): number {
  let shortest = Infinity;
  for (let run = 0; run < RUNS && shortest >= enoughMs; run++) {
    const startedAt = performance.now();
    work();
    shortest = Math.min(shortest, performance.now() - startedAt);
  }
  return shortest;
}
