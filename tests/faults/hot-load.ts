import { contestedDay } from "../support/contested-day.ts";
import type { LoadOptions } from "./load.ts";

type HotLoad = Pick<LoadOptions, "makeDay">;

/** Few messages of few instances have webhooks at the same time, which contradict each other: workers meet at them. */
export function contestedLoad(size: number): HotLoad {
  const messages = Math.ceil(size / 8);
  return { makeDay: (seed) => contestedDay({ size, messages, atOnce: 60, instanceCount: 12, seed }) };
}

/**
 * Webhooks that only ever add to what is counted, so that one that is lost makes no count too high. A message has them for some five seconds, before
 * and after what happens meanwhile.
 */
export const GROWING_LOAD: HotLoad = {
  makeDay: (seed) =>
    contestedDay({ size: 60_000, messages: 7_500, atOnce: 400, instanceCount: 8, withFailures: false, seed }),
};
