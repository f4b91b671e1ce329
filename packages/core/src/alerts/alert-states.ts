import { ALERT_RULES, type AlertName, type Condition } from "./alert.ts";

/** The state of one condition: how long it has held, and whether that was reported. */
export interface AlertState {
  readonly alert: AlertName;
  readonly of: string;
  readonly summary: string;
  /** Both in minutes since 1970. */
  readonly since: number;
  readonly lastHeld: number;
  readonly isFiring: boolean;
}

/** Something to report, once. */
export interface AlertChange {
  readonly kind: "begins" | "ends";
  readonly state: AlertState;
  /** Only when an alert begins. */
  readonly description?: string;
}

export interface AlertStep {
  readonly states: readonly AlertState[];
  readonly changes: readonly AlertChange[];
}

/**
 * Advance to the next minute. An alert begins once its condition has held long enough without a break, and ends once it has been absent
 * long enough.
 */
export function stepAlerts(before: readonly AlertState[], holding: readonly Condition[], minute: number): AlertStep {
  const known = new Map(before.map((state) => [keyOf(state), state]));
  const states: AlertState[] = [];
  const changes: AlertChange[] = [];
  for (const condition of holding) {
    const old = known.get(keyOf(condition));
    known.delete(keyOf(condition));
    const { alert, of, summary, description } = condition;
    const since = old?.since ?? minute;
    const isFiring = old?.isFiring === true || minute - since >= ALERT_RULES[alert].forMinutes;
    const state: AlertState = { alert, of, summary, since, lastHeld: minute, isFiring };
    states.push(state);
    if (isFiring && old?.isFiring !== true) changes.push({ kind: "begins", state, description });
  }
  for (const state of known.values()) {
    if (!state.isFiring) continue;
    if (minute - state.lastHeld <= ALERT_RULES[state.alert].keepMinutes) states.push(state);
    else changes.push({ kind: "ends", state });
  }
  return { states, changes };
}

function keyOf({ alert, of }: Pick<AlertState, "alert" | "of">): string {
  return `${alert} ${of}`;
}
