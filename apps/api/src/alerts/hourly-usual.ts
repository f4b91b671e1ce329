import {
  activityHours,
  ratioHours,
  usualFailureRatio,
  usualActivity,
  wasKnownAWeekAgo,
  type CountsReader,
  type InstanceId,
  type Usual,
} from "@ticktally/core";
import { addHour, noneOfHour, type Hourly } from "./counted.ts";

/** What was usual, from the counts by hour. */
export class HourlyUsual implements Usual {
  readonly #counts: Pick<CountsReader, "eachCount" | "summaries">;
  /** Once known, it stays known. */
  readonly #knownForAWeek = new Set<InstanceId>();

  constructor(counts: Pick<CountsReader, "eachCount" | "summaries">) {
    this.#counts = counts;
  }

  async failureRatio(instance: InstanceId, minute: number): Promise<number | undefined> {
    const hours = await this.#hours(instance, ...ratioHours(minute));
    return usualFailureRatio(minute, (hour) => hours.get(hour));
  }

  async activity(instance: InstanceId, minute: number): Promise<number> {
    const wasKnown = await this.#wasKnown(instance, minute);
    const hours = await this.#hours(instance, ...activityHours(minute, wasKnown));
    return usualActivity(minute, (hour) => hours.get(hour), wasKnown);
  }

  async #wasKnown(instance: InstanceId, minute: number): Promise<boolean> {
    if (this.#knownForAWeek.has(instance)) return true;
    const [summary] = await this.#counts.summaries([instance], minute * 60_000);
    const wasKnown = wasKnownAWeekAgo(minute, summary?.firstMessageAt);
    if (wasKnown) this.#knownForAWeek.add(instance);
    return wasKnown;
  }

  async #hours(instance: InstanceId, from: number, to: number): Promise<ReadonlyMap<number, Hourly>> {
    const hours = new Map<number, Hourly>();
    await this.#counts.eachCount(instance, "hours", from, to, (hour, slot, count) => {
      const of = hours.get(hour) ?? noneOfHour();
      hours.set(hour, of);
      addHour(of, slot, count);
    });
    return hours;
  }
}
