import type { FailureDetail } from "./failure-order.ts";
import { preferredFailure } from "./failure-order.ts";
import {
  RECIPIENTS_MANY,
  SLOT_FAILURE_NAMED,
  SLOT_FAILURE_UNNAMED,
  SLOT_RANKS,
  timeOf,
  type MessageRecord,
} from "./message-record.ts";
import { PROGRESS, RANK_DELIVERED, RANK_SENT } from "./message-status.ts";
import { distinctRecipients, hasFailed, proofOf, UNNAMED, type RecipientTimes } from "./recipients.ts";

/**
 * Where a message stands: what follows from everything that was reported about it. Created once and reused, because it is worked out for
 * every webhook.
 */
export interface Standing {
  /** A code of `MESSAGE_STATUSES`. */
  status: number;
  /** Unix seconds at which each rank counts as reached; `Infinity` if it does not. */
  readonly reachedAt: number[];
  /** The same for reported ranks only: a skipped rank is `Infinity`. */
  readonly reportedAt: number[];
  /** The failure that ended the message; `undefined` if none did. */
  failure: FailureDetail | undefined;
  /** Unix seconds; only with a failure. */
  failureAt: number;
  /** Both a failure and a proof of delivery were reported, for one recipient or for the message as a whole. */
  isContradicted: boolean;
}

export function newStanding(): Standing {
  return {
    status: 0,
    reachedAt: [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity],
    reportedAt: [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity],
    failure: undefined,
    failureAt: 0,
    isContradicted: false,
  };
}

/**
 * Where a message stands. A failure that is not later than the first proof of delivery ended the message: the proof is the contradiction
 * and reaches nothing. Otherwise the delivery counts, and the failure is the contradiction.
 */
export function standingOf(record: MessageRecord, into: Standing): Standing {
  into.failure = undefined;
  into.isContradicted = false;
  if (record.recipientsKept === RECIPIENTS_MANY) standWithRecipients(record, into);
  else standAlone(record, into);
  const failure = failureIn(into);
  if (failure === undefined) reachSkipped(into);
  else endAtFailure(into, failure);
  return into;
}

function failureIn({ failure }: Standing): FailureDetail | undefined {
  return failure;
}

/** All statuses belong to one recipient. */
function standAlone(record: MessageRecord, into: Standing): void {
  const { reportedAt } = into;
  for (let rank = 0; rank < PROGRESS.length; rank++) reportedAt[rank] = timeOf(record, SLOT_RANKS + rank);
  const named = record.failures[0];
  const failure = named ?? record.failures[1];
  if (failure === undefined) return;
  const failedAt = timeOf(record, named === undefined ? SLOT_FAILURE_UNNAMED : SLOT_FAILURE_NAMED);
  const proof = earliestProof(reportedAt);
  into.isContradicted = proof < Infinity;
  if (failedAt <= proof) setFailure(into, failure, failedAt);
}

/** Each recipient has its own status. The message reached what any of them reached, and failed only if no recipient got it. */
function standWithRecipients(record: MessageRecord, into: Standing): void {
  const { reportedAt } = into;
  reportedAt.fill(Infinity);
  let anyProof = Infinity;
  for (const times of distinctRecipients(record.recipients ?? new Map<string, RecipientTimes>()).values()) {
    const proof = proofOf(times);
    anyProof = Math.min(anyProof, proof);
    if (times.failure !== 0 && proof < Infinity) into.isContradicted = true;
    const highest = hasFailed(times) ? RANK_SENT : PROGRESS.length - 1;
    for (let rank = 0; rank <= highest; rank++)
      if ((times.ranks & (1 << rank)) !== 0)
        reportedAt[rank] = Math.min(reportedAt[rank] ?? Infinity, times.at[rank] ?? Infinity);
  }
  const [named, unnamed] = record.failures;
  const proof = earliestProof(reportedAt);
  if (unnamed !== undefined) {
    const failedAt = timeOf(record, SLOT_FAILURE_UNNAMED);
    if (anyProof < Infinity) into.isContradicted = true;
    if (failedAt <= proof) setFailure(into, unnamed, failedAt);
  }
  if (named !== undefined && proof === Infinity) setEarlierFailure(into, named, timeOf(record, SLOT_FAILURE_NAMED));
}

function earliestProof(reportedAt: readonly number[]): number {
  let earliest = Infinity;
  for (let rank = RANK_DELIVERED; rank < PROGRESS.length; rank++)
    earliest = Math.min(earliest, reportedAt[rank] ?? Infinity);
  return earliest;
}

function setFailure(into: Standing, failure: FailureDetail, at: number): void {
  into.failure = failure;
  into.failureAt = at;
}

function setEarlierFailure(into: Standing, failure: FailureDetail, at: number): void {
  const known = into.failure;
  if (known === undefined || at < into.failureAt) setFailure(into, failure, at);
  else if (at === into.failureAt) into.failure = preferredFailure(known, failure);
}

/** A rank that was skipped was reached at the earliest time of a rank above it; waiting ranks are not "reached". */
function reachSkipped(into: Standing): void {
  const { reachedAt, reportedAt } = into;
  let above = Infinity;
  let highest = 0;
  for (let rank = PROGRESS.length - 1; rank >= 0; rank--) {
    const at = reportedAt[rank] ?? Infinity;
    if (at < Infinity && highest === 0) highest = rank;
    reachedAt[rank] = rank < RANK_SENT ? Infinity : at < Infinity ? at : above;
    above = Math.min(above, at);
  }
  into.status = highest;
}

/** `sent` counts as reached if it was reported. */
function endAtFailure(into: Standing, failure: FailureDetail): void {
  const { reachedAt, reportedAt } = into;
  into.status = failure.status;
  for (let rank = 0; rank < PROGRESS.length; rank++) {
    if (rank !== RANK_SENT) reportedAt[rank] = Infinity;
    reachedAt[rank] = rank === RANK_SENT ? (reportedAt[rank] ?? Infinity) : Infinity;
  }
}

/** The status of one recipient, and since when (Unix seconds). */
export function recipientStanding(times: RecipientTimes): { readonly status: number; readonly at: number } {
  if (hasFailed(times)) return { status: times.failure, at: times.failureAt };
  for (let rank = PROGRESS.length - 1; rank >= 0; rank--)
    if ((times.ranks & (1 << rank)) !== 0) return { status: rank, at: times.at[rank] ?? 0 };
  return { status: 0, at: 0 };
}

/** The recipients shown to a reader: only if there are several, without forgotten ones, ordered by chat. */
export function shownRecipients(
  record: MessageRecord,
): readonly (readonly [chatId: string, times: RecipientTimes])[] | undefined {
  if (record.recipients === undefined) return undefined;
  const named = [...distinctRecipients(record.recipients)].filter(([chatId]) => chatId !== UNNAMED);
  if (named.length < 2) return undefined;
  return named.filter(([chatId]) => !chatId.startsWith("@")).sort(([a], [b]) => (a < b ? -1 : 1));
}
