import type { InstanceId } from "../instances/instance-id.ts";

interface AlertRule {
  readonly severity: "critical" | "warning";
  /** The alert begins once its condition has held for this many minutes. */
  readonly forMinutes: number;
  /** The alert ends once its condition has been absent for this many minutes. */
  readonly keepMinutes: number;
}

/** The alerts that work without Prometheus. Names, times and thresholds are those of the Prometheus rules (`deploy/prometheus/rules`). */
export const ALERT_RULES = {
  TicktallyFailureSpike: { severity: "critical", forMinutes: 2, keepMinutes: 5 },
  TicktallyDeliveryStall: { severity: "critical", forMinutes: 5, keepMinutes: 0 },
  TicktallyInstanceSilent: { severity: "warning", forMinutes: 5, keepMinutes: 0 },
  TicktallyInstanceNotAuthorised: { severity: "critical", forMinutes: 2, keepMinutes: 0 },
  TicktallyInstanceYellowCard: { severity: "warning", forMinutes: 1, keepMinutes: 0 },
  TicktallyQueueAgeGrowing: { severity: "warning", forMinutes: 2, keepMinutes: 2 },
  TicktallyQueueStuck: { severity: "critical", forMinutes: 1, keepMinutes: 0 },
  TicktallyQuarantineNotEmpty: { severity: "warning", forMinutes: 5, keepMinutes: 0 },
  TicktallyForwardingBehind: { severity: "warning", forMinutes: 5, keepMinutes: 0 },
  TicktallyForwardingPushesBack: { severity: "critical", forMinutes: 2, keepMinutes: 0 },
  TicktallyForwardingDropped: { severity: "critical", forMinutes: 0, keepMinutes: 0 },
  TicktallyDeadLetters: { severity: "warning", forMinutes: 0, keepMinutes: 0 },
} as const satisfies Readonly<Record<string, AlertRule>>;
export type AlertName = keyof typeof ALERT_RULES;

/** A condition that holds now, for one instance, one target or the whole system. */
export interface Condition {
  readonly alert: AlertName;
  /** What it is about, unique within the alert: an instance's id, a target's name, or "" for the whole system. */
  readonly of: string;
  readonly summary: string;
  readonly description: string;
}

/** Counters of one instance. They only grow. */
export interface SampledCounts {
  readonly sent: number;
  readonly delivered: number;
  /** All failures but noAccount: dead numbers have an alert of their own in Prometheus. */
  readonly failed: number;
  readonly noAccount: number;
}

/** Counters of one target. They only grow. */
export interface TargetCounts {
  /** Webhooks whose senders were refused because too many wait. */
  readonly refused: number;
  readonly dropped: number;
  /** Webhooks that became dead letters. */
  readonly dead: number;
}

/** What is kept for one minute. */
export interface Sample {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly queueAgeSeconds: number;
  /** How much each counter grew since the previous sample. Counters that did not grow are left out. */
  readonly grown: ReadonlyMap<InstanceId, SampledCounts>;
  /** The same for targets, by name. */
  readonly grownTargets: ReadonlyMap<string, TargetCounts>;
}

/** Measurements that are not counters. */
export interface Observed {
  readonly instances: readonly {
    readonly id: InstanceId;
    readonly name: string;
    readonly state?: string | undefined;
    /** Unix seconds */
    readonly lastWebhookAt?: number | undefined;
    /** The instance's own setting. */
    readonly failureRatioMax?: number | undefined;
  }[];
  readonly quarantined: number;
  readonly targets: readonly {
    readonly name: string;
    /** The age of the oldest webhook that waits. */ readonly oldestSeconds: number;
  }[];
}

/** What was usual for an instance. Called only where the answer matters, because it costs a read. */
export interface Usual {
  /** The median hourly share of failures over the previous day; `undefined` if it sent in fewer than six of those hours. */
  failureRatio(instance: InstanceId, minute: number): Promise<number | undefined>;
  /** What came in half an hour at this time a week ago, or yesterday if the instance is younger than a week. */
  activity(instance: InstanceId, minute: number): Promise<number>;
}
