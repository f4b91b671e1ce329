import type { InstanceId } from "../instances/instance-id.ts";

interface AlertRule {
  readonly severity: "critical" | "warning";
  /** It begins once it has held for so many minutes. */
  readonly forMinutes: number;
  /** It ends once it has not held for so many minutes. */
  readonly keepMinutes: number;
}

/** The alerts that need no Prometheus. They are called as its rules are, and have the same times and thresholds (`deploy/prometheus/rules`). */
export const ALERT_RULES = {
  TicktallyFailureSpike: { severity: "critical", forMinutes: 2, keepMinutes: 5 },
  TicktallyDeliveryStall: { severity: "critical", forMinutes: 5, keepMinutes: 0 },
  TicktallyInstanceSilent: { severity: "warning", forMinutes: 5, keepMinutes: 0 },
  TicktallyInstanceNotAuthorised: { severity: "critical", forMinutes: 2, keepMinutes: 0 },
  TicktallyQueueAgeGrowing: { severity: "warning", forMinutes: 2, keepMinutes: 2 },
  TicktallyQueueStuck: { severity: "critical", forMinutes: 1, keepMinutes: 0 },
  TicktallyQuarantineNotEmpty: { severity: "warning", forMinutes: 5, keepMinutes: 0 },
  TicktallyForwardingBehind: { severity: "warning", forMinutes: 5, keepMinutes: 0 },
} as const satisfies Readonly<Record<string, AlertRule>>;
export type AlertName = keyof typeof ALERT_RULES;

/** What holds now, of one instance, target or everything. */
export interface Condition {
  readonly alert: AlertName;
  /** What it is about, unlike that of any other condition of the alert: an instance's id, a target's name, or "" for everything. */
  readonly of: string;
  readonly summary: string;
  readonly description: string;
}

/** Counters that only grow, of one instance. */
export interface SampledCounts {
  readonly sent: number;
  readonly delivered: number;
  /** All failures but noAccount: a dead number is an alert of its own in Prometheus. */
  readonly failed: number;
  readonly noAccount: number;
}

/** What is kept of a minute. */
export interface Sample {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly queueAgeSeconds: number;
  /** By how much the counters grew since the sample before; without those that did not. */
  readonly grown: ReadonlyMap<InstanceId, SampledCounts>;
}

/** What is looked at besides counters. */
export interface Observed {
  readonly instances: readonly {
    readonly id: InstanceId;
    readonly name: string;
    readonly state?: string | undefined;
    /** Unix seconds */
    readonly lastWebhookAt?: number | undefined;
    /** Its own setting. */
    readonly failureRatioMax?: number | undefined;
  }[];
  readonly quarantined: number;
  readonly targets: readonly { readonly name: string; /** Of what waits longest. */ readonly oldestSeconds: number }[];
}

/** What was usual, asked of an instance only where it decides. */
export interface Usual {
  /** The median share of failures in an hour of the day before; `undefined`: it did not send for six hours. */
  failureRatio(instance: InstanceId, minute: number): Promise<number | undefined>;
  /** What came in half an hour at this time a week ago, or yesterday where there was nothing yet a week ago. */
  heard(instance: InstanceId, minute: number): Promise<number>;
}
