/**
 * The statuses a message can have. The position of a word in these lists is stored, and a progress word's is its rank: append only.
 * What follows when statuses meet is in `standing.ts`.
 */
export const PROGRESS = ["pending", "yellowCard", "sent", "delivered", "read", "played"] as const;
export type Progress = (typeof PROGRESS)[number];

/** Statuses that end a message. Of two in the same second, the one listed first counts. */
export const FAILURES = ["failed", "noAccount", "notInGroup", "noActiveSession"] as const;
export type Failure = (typeof FAILURES)[number];

export const MESSAGE_STATUSES = [...PROGRESS, ...FAILURES] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** What one event did. `ignored`: the instance's settings or the event's kind say not to record it. */
export const OUTCOMES = ["created", "advanced", "duplicate", "late", "contradiction", "ignored"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Ranks that count as "reached"; `pending` and `yellowCard` are waiting ranks. */
export const REACHED_PROGRESS = ["sent", "delivered", "read", "played"] as const satisfies readonly Progress[];
export type ReachedProgress = (typeof REACHED_PROGRESS)[number];

/** Every status that is counted as reached. */
export const REACHED_STATUSES = [...REACHED_PROGRESS, ...FAILURES] as const;
export type ReachedStatus = (typeof REACHED_STATUSES)[number];

/** Codes below it are reserved for progress words; failures follow. */
export const PROGRESS_MAX = 16;
export const FAILURES_MAX = 8;

/** The stored code of a status: a progress word's is its rank, failures begin at {@link PROGRESS_MAX}. */
export function statusCode(status: MessageStatus): number {
  return CODES[status];
}

export const RANK_SENT = PROGRESS.indexOf("sent");
/** This rank and those above prove that a message was delivered. */
export const RANK_DELIVERED = PROGRESS.indexOf("delivered");
export const RANK_READ = PROGRESS.indexOf("read");

export function isFailure(status: MessageStatus): status is Failure {
  return CODES[status] >= PROGRESS_MAX;
}

/** @throws {RangeError} no status has this code */
export function statusOfCode(code: number): MessageStatus {
  const status = PROGRESS[code] ?? FAILURES[code - PROGRESS_MAX];
  if (status === undefined) throw new RangeError(`no status has the code ${String(code)}`);
  return status;
}

// A lookup in an object, because this runs for every webhook.
const CODES = Object.fromEntries([
  ...PROGRESS.map((status, rank) => [status, rank]),
  ...FAILURES.map((status, place) => [status, PROGRESS_MAX + place]),
]) as Record<MessageStatus, number>;
