import type {
  CountsReader,
  CountSource,
  LabelStore,
  RegisteredInstance,
  TakeCount,
  TakeLabelCount,
} from "@ticktally/core";
import { ApiError } from "../http/api-error.ts";
import type { LargeQueries } from "./large-queries.ts";

/** Hours of instances that are read for one query: 10,000 instances × 31 days, of two sources, take some ten seconds. */
const READS_MAX = 20_000_000;
/** From here on a query runs alone: one instance's 400 days do not. */
const READS_ALONE = 50_000;
/** Enough to keep Redis busy while counts are added up, and few enough that it answers others after some milliseconds. */
const AT_ONCE = 8;

export interface TimedCountsDeps {
  readonly counts: Pick<CountsReader, "eachCount">;
  readonly labels: Pick<LabelStore, "eachLabelCount">;
  readonly largeQueries: LargeQueries;
}

export interface TimedCountsQuery {
  readonly instances: readonly RegisteredInstance[];
  readonly sources: readonly CountSource[];
  /** Hours since 1970, of latencies days; `to` not included. */
  readonly from: number;
  readonly to: number;
  /** Whether a client still waits for the answer. */
  readonly isWanted: () => boolean;
}

/** What takes the counts of an instance, and of its labels where they are asked for, and is told that those were all. */
interface Taking {
  readonly take: TakeCount;
  readonly takeLabel?: TakeLabelCount;
  readonly end?: () => void;
}

/**
 * Read counts by time of several instances, some at a time.
 * @param begin called for each instance: takes its counts, and is told when it has them all
 * @throws {ApiError} bad_request: it would take too long; unavailable: too many such queries wait
 */
export async function readTimedCounts(
  { counts, labels, largeQueries }: TimedCountsDeps,
  { instances, sources, from, to, isWanted }: TimedCountsQuery,
  begin: (instance: RegisteredInstance) => Taking,
): Promise<void> {
  const reads = instances.length * (to - from) * Math.max(1, sources.length);
  if (reads > READS_MAX)
    throw new ApiError("bad_request", "This is too much to read at once: ask for fewer instances or a shorter period.");
  const left = instances.values();
  const readSome = async () => {
    for (const instance of left) {
      if (!isWanted()) return;
      const { take, takeLabel, end } = begin(instance);
      for (const source of sources) await counts.eachCount(instance.id, source, from, to - 1, take);
      if (takeLabel !== undefined) await labels.eachLabelCount(instance.id, from, to - 1, takeLabel);
      end?.();
    }
  };
  const readAll = async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, readSome));
  };
  await (reads > READS_ALONE ? largeQueries.run(readAll) : readAll());
}
