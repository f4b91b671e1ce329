import type { InstanceId } from "../ports.ts";
import type { Sample, SampledCounts } from "./alert.ts";

/** Samples of an hour or so, oldest first. */
export class Increases {
  readonly #samples: readonly Sample[];

  constructor(samples: readonly Sample[]) {
    this.#samples = samples;
  }

  /** How much each counter grew in the last minutes, from the first sample in them; `undefined`: the instance was not sampled now. */
  of(instance: InstanceId, minutes: number): SampledCounts | undefined {
    const last = this.#samples.at(-1)?.counts.get(instance);
    const first = this.#within(minutes)
      .find(({ counts }) => counts.has(instance))
      ?.counts.get(instance);
    if (last === undefined || first === undefined) return undefined;
    return {
      sent: Math.max(0, last.sent - first.sent),
      delivered: Math.max(0, last.delivered - first.delivered),
      failed: Math.max(0, last.failed - first.failed),
      noAccount: Math.max(0, last.noAccount - first.noAccount),
    };
  }

  /** Whether the age of the queue grew in the last minutes: the slope of the line that fits best. */
  isQueueAgeing(minutes: number): boolean {
    const points = this.#within(minutes).map(({ minute, queueAgeSeconds }) => [minute, queueAgeSeconds] as const);
    const middle = points.reduce((sum, [minute]) => sum + minute, 0) / points.length;
    return points.reduce((sum, [minute, age]) => sum + (minute - middle) * age, 0) > 0;
  }

  #within(minutes: number): readonly Sample[] {
    const from = (this.#samples.at(-1)?.minute ?? 0) - minutes;
    return this.#samples.filter(({ minute }) => minute >= from);
  }
}
