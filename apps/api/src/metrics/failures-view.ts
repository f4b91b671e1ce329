import {
  FAILURE_REASONS,
  FAILURES,
  failureSlot,
  messageOf,
  statusCode,
  type Failure,
  type MessageRecord,
} from "@ticktally/core";
import type { FailureCounts, FailureExample } from "@ticktally/schemas";
import { iso } from "./metrics-view.ts";

const EXAMPLES_MAX = 20;

/** The slots of failures: the first, and one after the last. */
export const FAILURE_SLOTS = [
  failureSlot(statusCode(FAILURES[0]), 0),
  failureSlot(statusCode(FAILURES[0]) + FAILURES.length, 0),
] as const;

/** Failures by status and reason. @param cells counts by slot, from the first of {@link FAILURE_SLOTS} */
export function failureCounts(cells: Float64Array): FailureCounts {
  const countOf = (status: Failure, reason: number) =>
    cells[failureSlot(statusCode(status), reason) - FAILURE_SLOTS[0]];
  const byReason = FAILURES.flatMap((status) =>
    FAILURE_REASONS.map((reason, code) => ({ status, reason, count: countOf(status, code) ?? 0 })),
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

/** The gateway's text may contain a phone number, also inside a URL. */
function withoutNumbers(description: string): string {
  return description.replace(/\d{6,}/g, "…");
}
