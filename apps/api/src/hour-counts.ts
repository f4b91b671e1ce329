import type { Counts, CountsReader, InstanceId } from "@ticktally/core";
import { ApiError } from "./api-error.ts";
import type { Period } from "./period.ts";

/** 400 days of one instance are 1,200 reads and take 0.2 s on a busy machine: this many some 10 s, an instance at a time. */
const READS_MAX = 60_000;
const HOURS_A_READ = 8;

/** How long counts by the hour are kept. */
export const HOURS_KEPT = 400 * 24;

/**
 * The counts by the hour of several instances, one instance after the other so that no request fills Redis's queue.
 * @throws {ApiError} bad_request: it would take too long
 */
export async function* hourCounts(
  counts: Pick<CountsReader, "hours">,
  instances: readonly { readonly id: InstanceId }[],
  { fromHour, toHour }: Period,
): AsyncGenerator<ReadonlyMap<number, Counts>> {
  const reads = instances.length * (Math.ceil((toHour - fromHour) / HOURS_A_READ) + 1);
  if (reads > READS_MAX) {
    throw new ApiError("bad_request", "This is too much to read at once: ask for fewer instances or a shorter period.");
  }
  for (const { id } of instances) yield counts.hours(id, fromHour, toHour - 1);
}
