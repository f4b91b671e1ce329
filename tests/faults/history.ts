import type { Attempt } from "../support/gateway.ts";

/** From when until when an app could not answer; still open: until is Infinity. Unix ms. */
export interface Downtime {
  readonly from: number;
  readonly until: number;
}

/** A socket may still fail a moment after its listener is back. */
const GRACE_MS = 500;

/** Every answer that a load got, and what it may be blamed for. */
export class History {
  /** Answered 200, in that order; each once. */
  readonly acknowledged: string[] = [];
  /** When each of them was sent, Unix ms. */
  readonly #sentAt: number[] = [];
  /** 503 with Retry-After. */
  refused = 0;
  /** The connection was refused, reset or silent. */
  readonly unanswered: Attempt[] = [];
  /** What no sender should ever see: another status, or a 503 that does not say when to come back. */
  readonly strange: string[] = [];
  /** When the last webhook that was answered 200 had been sent. */
  lastAcceptedSentAt = 0;

  readonly note = (attempt: Attempt): void => {
    const { answer, webhook, sentAt } = attempt;
    if (answer.kind === "failed") this.unanswered.push(attempt);
    else if (answer.status === 200) {
      this.acknowledged.push(webhook);
      this.#sentAt.push(sentAt);
      this.lastAcceptedSentAt = Math.max(this.lastAcceptedSentAt, sentAt);
    } else if (answer.status === 503 && Number(answer.headers["retry-after"]) > 0) this.refused += 1;
    else this.strange.push(`answered ${answer.status}, retry-after ${answer.headers["retry-after"] ?? "none"}`);
  };

  /** What was answered 200 and had been sent after a moment. @param atMs Unix ms */
  acknowledgedAfter(atMs: number): readonly string[] {
    return this.acknowledged.filter((_, i) => (this.#sentAt[i] ?? 0) > atMs);
  }

  /** A refusal is explicit: no answer at all is right only while there is nobody to give one. */
  faults(ingestDown: readonly Downtime[]): readonly string[] {
    const unexplained = this.unanswered.filter(
      ({ sentAt, endedAt }) => !ingestDown.some(({ from, until }) => endedAt >= from && sentAt <= until + GRACE_MS),
    );
    const told = unexplained.map(({ answer, sentAt, endedAt }) => {
      const code = answer.kind === "failed" ? answer.code : "";
      return `no answer (${code}) after ${endedAt - sentAt} ms while ingest ran`;
    });
    return [...this.strange, ...told];
  }
}
