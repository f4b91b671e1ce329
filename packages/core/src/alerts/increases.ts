import type { InstanceId } from "../instances/instance-id.ts";
import type { Sample, SampledCounts, TargetCounts } from "./alert.ts";

/** How much counters grew from one sample to the next. Counters that went back or did not grow are left out. */
export function grownSince(
  before: ReadonlyMap<InstanceId, SampledCounts>,
  now: ReadonlyMap<InstanceId, SampledCounts>,
): ReadonlyMap<InstanceId, SampledCounts> {
  const grown = new Map<InstanceId, SampledCounts>();
  for (const [id, counts] of now) {
    const old = before.get(id);
    if (old === undefined) continue;
    const growth = {
      sent: Math.max(0, counts.sent - old.sent),
      delivered: Math.max(0, counts.delivered - old.delivered),
      failed: Math.max(0, counts.failed - old.failed),
      noAccount: Math.max(0, counts.noAccount - old.noAccount),
    };
    if (growth.sent + growth.delivered + growth.failed + growth.noAccount > 0) grown.set(id, growth);
  }
  return grown;
}

/** As {@link grownSince}, for targets by name. */
export function targetsGrownSince(
  before: ReadonlyMap<string, TargetCounts>,
  now: ReadonlyMap<string, TargetCounts>,
): ReadonlyMap<string, TargetCounts> {
  const grown = new Map<string, TargetCounts>();
  for (const [name, counts] of now) {
    const old = before.get(name);
    if (old === undefined) continue;
    const growth = {
      refused: Math.max(0, counts.refused - old.refused),
      dropped: Math.max(0, counts.dropped - old.dropped),
      dead: Math.max(0, counts.dead - old.dead),
    };
    if (growth.refused + growth.dropped + growth.dead > 0) grown.set(name, growth);
  }
  return grown;
}

/** How much a counter of a target grew in the last minutes. @param samples oldest first */
export function targetIncrease(
  samples: readonly Sample[],
  minutes: number,
  name: string,
  counter: keyof TargetCounts,
): number {
  const after = (samples.at(-1)?.minute ?? 0) - minutes;
  return samples
    .filter(({ minute }) => minute > after)
    .reduce((sum, { grownTargets }) => sum + (grownTargets.get(name)?.[counter] ?? 0), 0);
}

/** How much the counters of each instance grew in the last minutes. Counters that did not grow are left out. @param samples oldest first */
export function increasesIn(samples: readonly Sample[], minutes: number): ReadonlyMap<InstanceId, SampledCounts> {
  const sums = new Map<InstanceId, SampledCounts>();
  const after = (samples.at(-1)?.minute ?? 0) - minutes;
  for (const { minute, grown } of samples) {
    if (minute <= after) continue;
    for (const [id, growth] of grown) {
      const sum = sums.get(id);
      sums.set(id, sum === undefined ? growth : added(sum, growth));
    }
  }
  return sums;
}

/** Whether the age of the queue grew in the last minutes, by the slope of the best-fitting line. @param samples oldest first */
export function isQueueAgeing(samples: readonly Sample[], minutes: number): boolean {
  const from = (samples.at(-1)?.minute ?? 0) - minutes;
  const points = samples.filter(({ minute }) => minute >= from);
  const middle = points.reduce((sum, { minute }) => sum + minute, 0) / points.length;
  return points.reduce((sum, { minute, queueAgeSeconds }) => sum + (minute - middle) * queueAgeSeconds, 0) > 0;
}

function added(a: SampledCounts, b: SampledCounts): SampledCounts {
  return {
    sent: a.sent + b.sent,
    delivered: a.delivered + b.delivered,
    failed: a.failed + b.failed,
    noAccount: a.noAccount + b.noAccount,
  };
}
