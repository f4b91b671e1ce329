import type { InstanceTotals } from "@ticktally/core";
import { SHOWN_COUNTERS, SHOWN_GROWING, type FleetRow } from "./fleet-metrics.ts";

export const OTHERS = "_other";

/** The instances beyond the limit, together. */
export class SummedRow {
  readonly #counts = new Float64Array(SHOWN_COUNTERS.length);
  #lastWebhookAt = 0;

  /** @param once by counter */
  constructor(once: ReadonlyMap<string, number> = new Map()) {
    GROWING.forEach((counter, place) => (this.#counts[place] = once.get(counter) ?? 0));
  }

  add(totals: InstanceTotals): void {
    addShown(totals, this.#counts);
    this.#lastWebhookAt = Math.max(this.#lastWebhookAt, totals.lastWebhookAt ?? 0);
  }

  /** @returns how many growing counters were lower than before */
  raiseTo(before: SummedRow): number {
    return raised(this.#counts, before.#counts);
  }

  row(): FleetRow {
    const latest = this.#lastWebhookAt;
    return { name: OTHERS, counts: this.#counts, ...(latest > 0 ? { lastWebhookAt: latest } : {}) };
  }
}

/** The growing counters of an instance as exported, without zeros. */
export function growingOf({ counts, retracted }: InstanceTotals): ReadonlyMap<string, number> {
  const grown = GROWING.map(
    (counter) => [counter, (counts.get(counter) ?? 0) + (retracted.get(counter) ?? 0)] as const,
  );
  return new Map(grown.filter(([, count]) => count > 0));
}

const GROWING = SHOWN_COUNTERS.slice(0, SHOWN_GROWING);

export function addShown({ counts, retracted }: InstanceTotals, into: Float64Array): void {
  SHOWN_COUNTERS.forEach((counter, place) => {
    const corrected = place < SHOWN_GROWING ? (retracted.get(counter) ?? 0) : 0;
    into[place] = (into[place] ?? 0) + (counts.get(counter) ?? 0) + corrected;
  });
}

/** Raise the growing counters to their last exported values. @returns how many were lower */
export function raised(counts: Float64Array, before: Float64Array): number {
  let lower = 0;
  for (let place = 0; place < SHOWN_GROWING; place++) {
    const [value = 0, shown = 0] = [counts[place], before[place]];
    if (value >= shown) continue;
    lower += 1;
    counts[place] = shown;
  }
  return lower;
}
