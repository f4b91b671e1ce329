import type { Attempt } from "../support/gateway.ts";

/** A period in which an app could not answer, in Unix ms. `until` is Infinity while it lasts. */
export interface Downtime {
  readonly from: number;
  readonly until: number;
}

/** A connection may still fail shortly after the listener is back. */
const GRACE_MS = 500;

/** Every answer to a load, and the faults among them. */
export class History {
  /** Webhooks answered 200, in that order, each once. */
  readonly acknowledged: string[] = [];
  /** When each of them was sent, Unix ms. */
  readonly #sentAt: number[] = [];
  /** 503 with Retry-After. */
  refused = 0;
  /** Attempts whose connection was refused, reset or silent. */
  readonly unanswered: Attempt[] = [];
  /** Answers that no sender should get: another status, or a 503 without Retry-After. */
  readonly unexpected: string[] = [];
  /** The latest time of sending among the webhooks answered 200. */
  lastAcceptedSentAt = 0;

  readonly note = (attempt: Attempt): void => {
    const { answer, webhook, sentAt } = attempt;
    if (answer.kind === "failed") this.unanswered.push(attempt);
    else if (answer.status === 200) {
      this.acknowledged.push(webhook);
      this.#sentAt.push(sentAt);
      this.lastAcceptedSentAt = Math.max(this.lastAcceptedSentAt, sentAt);
    } else if (answer.status === 503 && Number(answer.headers["retry-after"]) > 0) this.refused += 1;
    else this.unexpected.push(`answered ${answer.status}, retry-after ${answer.headers["retry-after"] ?? "none"}`);
  };

  /** Webhooks that were sent after a time and answered 200. @param atMs Unix ms */
  acknowledgedAfter(atMs: number): readonly string[] {
    return this.acknowledged.filter((_, i) => (this.#sentAt[i] ?? 0) > atMs);
  }

  /** A refusal must be explicit: a missing answer is allowed only while ingest is down. */
  faults(ingestDown: readonly Downtime[]): readonly string[] {
    const unexplained = this.unanswered.filter(
      ({ sentAt, endedAt }) => !ingestDown.some(({ from, until }) => endedAt >= from && sentAt <= until + GRACE_MS),
    );
    const unanswered = unexplained.map(({ answer, sentAt, endedAt }) => {
      const code = answer.kind === "failed" ? answer.code : "";
      return `no answer (${code}) after ${endedAt - sentAt} ms while ingest ran`;
    });
    return [...this.unexpected, ...unanswered];
  }
}
