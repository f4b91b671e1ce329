import type { MessageRecord } from "./message-record.ts";

/** Waits that are measured. The position is the stored code: append only. */
export const LATENCY_STAGES = ["sent_to_delivered", "delivered_to_read", "event_to_receipt"] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

/** Upper bounds in seconds, ascending; one more bucket, without bound, follows the last. Event times have 1 s resolution. */
export const LATENCY_BOUNDS_SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400] as const;

export interface Latency {
  readonly stage: LatencyStage;
  readonly seconds: number;
}

/**
 * The waits that an event made known: those whose second end was not known before. A wait is taken once, as it stood then.
 * Negative ones, from clocks that disagree, count as 0.
 */
export function newLatencies(before: MessageRecord | undefined, after: MessageRecord): readonly Latency[] {
  return LATENCY_STAGES.flatMap((stage) => {
    if (stage === "event_to_receipt") return newMoments(before, after).map((m) => latency(stage, m.at, m.receivedAt));
    const [from, to] =
      stage === "sent_to_delivered" ? (["sent", "delivered"] as const) : (["delivered", "read"] as const);
    const [start, end] = [after.seen[from], after.seen[to]];
    const wasKnown = before?.seen[from] !== undefined && before.seen[to] !== undefined;
    if (start === undefined || end === undefined || wasKnown) return [];
    return [latency(stage, start.at, end.at)];
  });
}

/** The place in a histogram's buckets; the last one has no bound. */
export function latencyBucket(seconds: number): number {
  const index = LATENCY_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
  return index === -1 ? LATENCY_BOUNDS_SECONDS.length : index;
}

function newMoments(before: MessageRecord | undefined, after: MessageRecord) {
  const seen = Object.entries(after.seen).filter(([progress]) => !(progress in (before?.seen ?? {})));
  const moments = seen.map(([, moment]) => moment);
  if (after.observed !== undefined && before?.observed === undefined) moments.push(after.observed);
  if (after.failure !== undefined && before?.failure === undefined) moments.push(after.failure);
  return moments;
}

function latency(stage: LatencyStage, from: number, to: number): Latency {
  return { stage, seconds: Math.max(0, to - from) };
}
