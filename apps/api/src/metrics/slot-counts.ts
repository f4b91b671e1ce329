import {
  COUNTER_OF_SLOT,
  type CountsReader,
  type CountSource,
  type RegisteredInstance,
  type TakeCount,
} from "@ticktally/core";
import { TopGroups, type Group } from "../series/top-groups.ts";
import { readTimedCounts, type TimedCountsDeps } from "./timed-counts.ts";

export interface SlotCountsDeps extends TimedCountsDeps {
  readonly counts: Pick<CountsReader, "eachCount" | "totals">;
}

interface SlotCountsQuery {
  readonly instances: readonly RegisteredInstance[];
  /** The first, and one after the last. */
  readonly slots: readonly [number, number];
  readonly source: CountSource;
  /** In the source's unit, `to` exclusive; all time if not given. */
  readonly time: { readonly from: number; readonly to: number } | undefined;
  /** The maximum number of instances to distinguish. */
  readonly groups: number;
  /** Groups are in this order; of an instance's counts their sum if not given. */
  readonly sizeOf?: (cells: Float64Array) => number;
  readonly isWanted: () => boolean;
  /** Also receives all counts of a period with their times. */
  readonly also?: TakeCount;
}

export interface SlotCounts {
  /** By slot, from the first. */
  readonly all: Float64Array;
  /** By instance, largest first, then the rest together. */
  readonly groups: readonly Group[];
}

const INSTANCES_AT_ONCE = 100;

/** Counts of instances under some slots, in a period or for all time: in total and by instance. */
export async function slotCounts(deps: SlotCountsDeps, query: SlotCountsQuery): Promise<SlotCounts> {
  const [first, end] = query.slots;
  const all = new Float64Array(end - first);
  const top = new TopGroups(query.groups);
  const begin = ({ name }: RegisteredInstance) => {
    const own = new Float64Array(end - first);
    const take: TakeCount = (time, slot, count) => {
      if (slot < first || slot >= end) return;
      own[slot - first] = (own[slot - first] ?? 0) + count;
      query.also?.(time, slot, count);
    };
    const done = () => {
      for (let i = 0; i < own.length; i++) all[i] = (all[i] ?? 0) + (own[i] ?? 0);
      top.add({ instance: name }, own, query.sizeOf?.(own));
    };
    return { take, end: done };
  };
  if (query.time === undefined) await readTotals(deps, query, begin);
  else await readTimedCounts(deps, { ...query, ...query.time, sources: [query.source] }, begin);
  return { all, groups: top.groups() };
}

async function readTotals(
  { counts }: SlotCountsDeps,
  { instances, slots: [first, end], isWanted }: SlotCountsQuery,
  begin: (instance: RegisteredInstance) => { readonly take: TakeCount; readonly end: () => void },
): Promise<void> {
  for (let from = 0; from < instances.length && isWanted(); from += INSTANCES_AT_ONCE) {
    const some = instances.slice(from, from + INSTANCES_AT_ONCE);
    const totals = await counts.totals(some.map(({ id }) => id));
    some.forEach((instance, i) => {
      const { take, end: done } = begin(instance);
      for (let slot = first; slot < end; slot++) {
        const counter = COUNTER_OF_SLOT[slot];
        const count = counter === undefined ? 0 : (totals[i]?.counts.get(counter) ?? 0);
        if (count !== 0) take(0, slot, count);
      }
      done();
    });
  }
}
