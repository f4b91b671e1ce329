import type { Direction, InstanceEvent } from "./messages/message-event.ts";
import type { MessageStatus } from "./messages/message-status.ts";

/** Which webhooks and events a target wants. For each list it has, the value must be in the list. */
export interface TargetFilter {
  /** The gateway's words for kinds of webhooks. */
  readonly types?: readonly string[] | undefined;
  readonly directions?: readonly Direction[] | undefined;
  /** Statuses that a webhook reports. */
  readonly statuses?: readonly MessageStatus[] | undefined;
}

/** Whether the target wants one thing that a webhook reports. @param events asked for only where a filter needs them */
export function passesFilter(
  filter: TargetFilter | undefined,
  type: string,
  events: () => readonly InstanceEvent[],
): boolean {
  if (filter === undefined) return true;
  const { types, directions, statuses } = filter;
  if (types !== undefined && !types.includes(type)) return false;
  if (directions === undefined && statuses === undefined) return true;
  return events().some((event) => isWanted(event, directions, statuses));
}

function isWanted(
  event: InstanceEvent,
  directions: TargetFilter["directions"],
  statuses: TargetFilter["statuses"],
): boolean {
  if (event.kind !== "observation" && event.kind !== "status") return false;
  // Only outgoing messages have a status.
  const direction = event.kind === "status" ? "outgoing" : event.direction;
  if (directions !== undefined && !directions.includes(direction)) return false;
  return statuses === undefined || (event.kind === "status" && statuses.includes(event.status));
}

/** How long after its receipt a webhook is tried: as long as GREEN-API itself keeps one for a receiver that refuses it. */
export const FORWARDED_HOURS_MAX = 24;

/** The result of an attempt, as metrics name it. */
export const ATTEMPT_OUTCOMES = [
  "success",
  "2xx",
  "3xx",
  "4xx",
  "5xx",
  "timeout",
  "refused",
  "closed",
  "dns",
  "tls",
  "blocked",
  "other",
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/**
 * @param status of the answer, or the word that says why there was none
 * @param isRelay a relayed webhook counts as received only with exactly 200, as it does for its gateway
 */
export function attemptOutcome(status: number | string, isRelay: boolean): AttemptOutcome {
  if (typeof status === "string") return ATTEMPT_OUTCOMES.find((outcome) => outcome === status) ?? "other";
  if (isRelay ? status === 200 : status >= 200 && status < 300) return "success";
  const name = `${String(Math.floor(status / 100))}xx`;
  return ATTEMPT_OUTCOMES.find((outcome) => outcome === name) ?? "other";
}

/**
 * Seconds to wait after each failed attempt, as Standard Webhooks recommends, but at most half an hour, because the rest of the lane waits
 * too.
 */
const EVENT_PAUSES = [5, 300, 1_800];

/**
 * How long a lane of events waits after a failure.
 * @param attempt that failed, from 1
 * @param retryAfterMs what the target asks for
 * @param random in [0, 1): spreads lanes that failed together
 */
export function eventPauseMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  const seconds = EVENT_PAUSES[Math.min(attempt, EVENT_PAUSES.length) - 1] ?? 5;
  const longestMs = 1000 * (EVENT_PAUSES.at(-1) ?? 0);
  const askedMs = Math.min(retryAfterMs ?? 0, longestMs);
  return Math.max(askedMs, Math.round(1000 * seconds * (0.8 + 0.4 * random)));
}
