/** Less than this is not told from noise; a square at the sizes that are used takes far longer. */
const NOTABLE_MS = 3;
const RUNS = 5;

/**
 * How many times as much of this process's own time work takes that is `factor` times as large, of several runs the shortest: so other
 * processes count little. Work that is done at once does not grow.
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
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}
