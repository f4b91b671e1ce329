import { setImmediate as nextTurn } from "node:timers/promises";

/** Half of what others may have to wait for one task: what is done between two pauses takes some time as well. */
const SLICE_MS = 20;

/**
 * For work that is long but can pause: call between its steps what this returns, and await what it gives. It lets everything
 * else in the process have its turn once the step before has lasted a while, and costs next to nothing until then.
 */
export function timeSlices(sliceMs = SLICE_MS): () => Promise<void> | undefined {
  let endsAt = performance.now() + sliceMs;
  const nextSlice = async () => {
    await nextTurn();
    endsAt = performance.now() + sliceMs;
  };
  // No promise where there is nothing to wait for.
  // eslint-disable-next-line @typescript-eslint/promise-function-async
  return () => (performance.now() < endsAt ? undefined : nextSlice());
}
