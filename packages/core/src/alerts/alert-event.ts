import { ALERT_RULES, type AlertName } from "./alert.ts";
import type { AlertChange } from "./alert-states.ts";

/** Something that is reported once. Its id stays the same when it is sent again. */
export type AlertEvent =
  | {
      readonly kind: "alert";
      readonly id: string;
      readonly phase: "begins" | "ends";
      readonly alert: AlertName;
      readonly severity: "critical" | "warning";
      /** An instance's id, a target's name, or "". */
      readonly of: string;
      /** Unix seconds */
      readonly at: number;
      readonly summary: string;
      readonly description: string;
      readonly runbookUrl: string;
    }
  | {
      readonly kind: "digest";
      readonly id: string;
      /** UTC, `2026-10-05` */ readonly day: string;
      readonly counts: DigestCounts;
    };

/** The counts of one day, summed over all instances. */
export interface DigestCounts {
  readonly received: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly failed: number;
}

/** Where alerts go. After a crash an event may be sent a second time, with the same id. */
export interface AlertSink {
  /** @throws when it was not sent; the caller tries again a minute later */
  send(event: AlertEvent): Promise<void>;
}

const RUNBOOK = "https://github.com/ticktally/ticktally/blob/main/docs/runbook.md";

export function alertEvent({ kind, state, description }: AlertChange, minute: number): AlertEvent {
  const { alert, of, since, summary } = state;
  return {
    kind: "alert",
    id: `${alert}-${of}-${String(since)}-${kind}`,
    phase: kind,
    alert,
    severity: ALERT_RULES[alert].severity,
    of,
    at: minute * 60,
    summary: kind === "begins" ? summary : `Over: ${summary}`,
    description: description ?? `It began ${String(minute - since)} minutes ago.`,
    runbookUrl: `${RUNBOOK}#${alert.toLowerCase()}`,
  };
}

export function digestEvent(day: string, counts: DigestCounts): AlertEvent {
  return { kind: "digest", id: `digest-${day}`, day, counts };
}
