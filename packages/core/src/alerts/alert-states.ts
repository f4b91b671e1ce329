import { ALERT_RULES, type AlertName, type Condition } from "./alert.ts";

/** Where a condition stands: how long it has held, and whether that was reported. */
export interface AlertState {
  readonly alert: AlertName;
  readonly of: string;
  readonly summary: string;
  /** Minutes since 1970, of both. */
  readonly since: number;
  readonly lastHeld: number;
  readonly isFiring: boolean;
}

/** Something to tell, once. */
export interface AlertChange {
  readonly kind: "begins" | "ends";
  readonly state: AlertState;
  /** Of what begins. */
  readonly description?: string;
}

export interface AlertStep {
  readonly states: readonly AlertState[];
  readonly changes: readonly AlertChange[];
}

/** Go on to a minute. A condition begins when it has held long enough without a break, and ends when it has not held long enough. */
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
