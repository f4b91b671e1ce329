import {
  FAILURE_REASONS,
  FAILURES,
  messageOf,
  type Counter,
  type Counts,
  type Failure,
  type MessageRecord,
} from "@ticktally/core";
import type { FailureExample, Failures } from "@ticktally/schemas";
import { iso } from "./metrics-view.ts";

const EXAMPLES_MAX = 20;

/** Failures by status and reason, of several readings together. @param readings of totals or of hours */
export function failureCounts(readings: Iterable<Counts>): Pick<Failures, "total" | "byStatus" | "byReason"> {
  const counts = new Map<Counter, number>();
  for (const reading of readings) {
    for (const [counter, by] of reading) {
      if (counter.startsWith("failures/")) counts.set(counter, (counts.get(counter) ?? 0) + by);
    }
  }
  const byReason = FAILURES.flatMap((status) =>
    FAILURE_REASONS.map((reason) => ({ status, reason, count: counts.get(`failures/${status}/${reason}`) ?? 0 })),
  ).filter(({ count }) => count > 0);
  const totalOf = (status?: Failure) =>
    byReason.filter((row) => status === undefined || row.status === status).reduce((sum, { count }) => sum + count, 0);
  return {
    total: totalOf(),
    byStatus: {
      failed: totalOf("failed"),
      noAccount: totalOf("noAccount"),
      notInGroup: totalOf("notInGroup"),
      noActiveSession: totalOf("noActiveSession"),
    },
    byReason: byReason.toSorted((a, b) => b.count - a.count),
  };
}

export interface FailedMessage {
  /** The instance's name. */
  readonly instance: string;
  readonly record: MessageRecord;
}

/** The newest failures. @param within by the time of the failure, Unix seconds */
export function failureExamples(
  failed: readonly FailedMessage[],
  within: (at: number) => boolean,
): readonly FailureExample[] {
  return failed
    .flatMap(({ instance, record }) => {
      const { idMessage, hasFailed, failure } = messageOf(record);
      if (!hasFailed || failure === undefined || !within(failure.at)) return [];
      return [{ instance, idMessage, status: failure.status, failure }];
    })
    .toSorted((a, b) => b.failure.at - a.failure.at || (a.idMessage < b.idMessage ? -1 : 1))
    .slice(0, EXAMPLES_MAX)
    .map(({ failure: { reason, description, at }, ...of }) => ({
      ...of,
      reason,
      ...(description === undefined ? {} : { description: withoutNumbers(description) }),
      at: iso(at),
    }));
}

/** The gateway's words may name a phone number or hold a URL with one in it. */
function withoutNumbers(description: string): string {
  return description.replace(/\d{6,}/g, "…");
}
