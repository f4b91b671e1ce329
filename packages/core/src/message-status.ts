/**
 * The life of a message as a pure rule: no clock, no store, no logging.
 * Total: every (state, status) pair has an outcome, and "nothing to do" is one of them.
 * The position of a word in these lists is its rank and its stored code: append only.
 */
export const PROGRESS = ["pending", "yellowCard", "sent", "delivered", "read", "played"] as const;
export type Progress = (typeof PROGRESS)[number];

export const FAILURES = ["failed", "noAccount", "notInGroup", "noActiveSession"] as const;
export type Failure = (typeof FAILURES)[number];

export const MESSAGE_STATUSES = [...PROGRESS, ...FAILURES] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** What became of one event. `ignored`: the instance's settings, or the event's kind, say not to record it. */
export const OUTCOMES = ["created", "advanced", "duplicate", "late", "contradiction", "ignored"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Ranks that count as "reached"; `pending` and `yellowCard` are waiting ranks. */
export const REACHED_PROGRESS = ["sent", "delivered", "read", "played"] as const satisfies readonly Progress[];
export type ReachedProgress = (typeof REACHED_PROGRESS)[number];

/** All that a message can be counted as having reached. */
export const REACHED_STATUSES = [...REACHED_PROGRESS, ...FAILURES] as const;
export type ReachedStatus = (typeof REACHED_STATUSES)[number];

/** Where a message stands: the highest rank it reached, and at most one failure, which ends it. */
export interface StatusState {
  readonly reached: Progress;
  readonly failure?: Failure;
}

export interface Transition {
  readonly state: StatusState;
  readonly outcome: Exclude<Outcome, "ignored">;
}

/** Decide what a status does to a message. Senders repeat, reorder and skip, so late and missing ones are normal. */
export function transition(current: StatusState | undefined, status: MessageStatus): Transition {
  if (current === undefined) return { state: opened(status), outcome: "created" };
  if (isFailure(status)) {
    if (current.failure !== undefined) return { state: current, outcome: "duplicate" };
    // The gateway reports failures for messages that went out; proof of delivery outweighs them.
    if (isDelivered(current.reached)) return { state: current, outcome: "contradiction" };
    return { state: { reached: current.reached, failure: status }, outcome: "advanced" };
  }
  if (current.failure !== undefined) {
    if (isDelivered(status)) return { state: current, outcome: "contradiction" };
    return { state: { reached: higher(current.reached, status), failure: current.failure }, outcome: "late" };
  }
  const step = rankOf(status) - rankOf(current.reached);
  if (step > 0) return { state: { reached: status }, outcome: "advanced" };
  return { state: current, outcome: step === 0 ? "duplicate" : "late" };
}

/** The one word for where a message stands now. */
export function currentStatus(state: StatusState): MessageStatus {
  return state.failure ?? state.reached;
}

export function rankOf(progress: Progress): number {
  return PROGRESS.indexOf(progress);
}

export function isFailure(status: MessageStatus): status is Failure {
  return (FAILURES as readonly string[]).includes(status);
}

function opened(status: MessageStatus): StatusState {
  return isFailure(status) ? { reached: "pending", failure: status } : { reached: status };
}

function isDelivered(progress: Progress): boolean {
  return rankOf(progress) >= rankOf("delivered");
}

function higher(a: Progress, b: Progress): Progress {
  return rankOf(a) >= rankOf(b) ? a : b;
}
