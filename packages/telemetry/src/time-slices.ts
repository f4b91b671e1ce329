import { setImmediate as nextTurn } from "node:timers/promises";

/** Half of the time that others may have to wait for one task, because the work between two pauses takes time as well. */
const SLICE_MS = 20;

/**
 * For long work that can pause: between steps, call the returned function and await its result. Once a step has taken a while it yields to
 * everything else in the process; until then it costs almost nothing.
 */
export function timeSlices(sliceMs = SLICE_MS): () => Promise<void> | undefined {
  let endsAt = performance.now() + sliceMs;
  const nextSlice = async () => {
    await nextTurn();
    endsAt = performance.now() + sliceMs;
  };
  // No promise if there is nothing to wait for.
  // eslint-disable-next-line @typescript-eslint/promise-function-async
  return () => (performance.now() < endsAt ? undefined : nextSlice());
}
