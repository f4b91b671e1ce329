import { contradictoryDay } from "../support/contradictory-day.ts";
import type { LoadOptions } from "./load.ts";

type SharedMessageLoad = Pick<LoadOptions, "makeDay">;

/** Few messages of few instances have webhooks at the same time, which contradict each other: workers meet at them. */
export function contradictoryLoad(size: number): SharedMessageLoad {
  const messages = Math.ceil(size / 8);
  return { makeDay: (seed) => contradictoryDay({ size, messages, atOnce: 60, instanceCount: 12, seed }) };
}

/**
 * Webhooks that only ever add to what is counted, so that one that is lost makes no count too high. A message has them for some five seconds, before
 * and after what happens meanwhile.
 */
export const GROWING_LOAD: SharedMessageLoad = {
  makeDay: (seed) =>
    contradictoryDay({ size: 60_000, messages: 7_500, atOnce: 400, instanceCount: 8, withFailures: false, seed }),
};
