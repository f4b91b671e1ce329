import { contradictoryDay } from "../support/contradictory-day.ts";
import type { LoadOptions } from "./load.ts";

type SharedMessageLoad = Pick<LoadOptions, "makeDay">;

/** Contradictory webhooks of few messages at a time, so that workers often process the same messages. */
export function contradictoryLoad(size: number): SharedMessageLoad {
  const messages = Math.ceil(size / 8);
  return { makeDay: (seed) => contradictoryDay({ size, messages, atOnce: 60, instanceCount: 12, seed }) };
}

/**
 * Webhooks that only increase counts, so that a lost webhook never makes a count too high. The webhooks of a message arrive within about five
 * seconds, so that some arrive before a fault and some after it.
 */
export const INCREASING_LOAD: SharedMessageLoad = {
  makeDay: (seed) =>
    contradictoryDay({ size: 60_000, messages: 7_500, atOnce: 400, instanceCount: 8, withFailures: false, seed }),
};
