/** A shorter time cannot be distinguished from noise. Quadratic work takes far longer at the sizes in use. */
const NOTABLE_MS = 3;
const RUNS = 5;
/** Two runs of this length are enough: little else of the process fits in between. */
const LONG_MS = 50;

/**
 * How much more CPU time of this process is needed when the work is `factor` times as large. The shortest of several runs is used, so that other
 * processes have little influence. Work that takes less than {@link NOTABLE_MS} counts as not growing (1).
 * @param prepare makes the work of a given size; not measured
 */
export function growth(prepare: (size: number) => () => void, size: number, factor: number): number {
  const large = prepare(size * factor);
  if (shortestMs(large, NOTABLE_MS) < NOTABLE_MS) return 1;
  return shortestMs(large, 0) / Math.max(shortestMs(prepare(size), 0), 0.001);
}

/** @param enoughMs stop after a run that is shorter */
function shortestMs(work: () => void, enoughMs: number): number {
  let shortest = Infinity;
  for (let run = 0; run < (shortest < LONG_MS ? RUNS : 2) && shortest >= enoughMs; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}
