import type { StateEvent } from "../messages/message-event.ts";
import type { Outcome } from "../messages/message-status.ts";
import type { InstanceId } from "./instance-id.ts";

/** The account's last state as the gateway reported it, and when (Unix seconds). */
export interface InstanceState {
  readonly state: string;
  readonly at: number;
}

export interface StateHistoryReader {
  /** @returns the last reports of its state, oldest first, see `stateChanges`; empty for an unknown instance */
  stateReports(instance: InstanceId): Promise<readonly InstanceState[]>;
}

/** The account at the gateway changed its state. Unix seconds. */
export interface StateChange {
  readonly at: number;
  /** `null` for the first state that was reported. */
  readonly from: string | null;
  readonly to: string;
}

/** How many changes are shown. */
export const STATE_CHANGES_MAX = 50;
/** More than the changes that are shown, because a report may repeat the state before it. */
export const STATE_REPORTS_MAX = 2 * STATE_CHANGES_MAX;

/**
 * Add a report to the known ones, ordered by time and, within a second, by when they were first reported. So the order of arrival and
 * repeats make no difference, except within one second.
 * @param reports at most {@link STATE_REPORTS_MAX}, oldest first; the last is the present state
 */
export function addStateReport(
  reports: readonly InstanceState[],
  { state, at }: Pick<StateEvent, "state" | "at">,
): { readonly reports: readonly InstanceState[]; readonly outcome: Outcome } {
  if (reports.some((known) => known.at === at && known.state === state)) return { reports, outcome: "duplicate" };
  const place = reports.findLastIndex((known) => known.at <= at) + 1;
  const outcome = reports.length === 0 ? "created" : place === reports.length ? "advanced" : "late";
  return { reports: bounded(reports.toSpliced(place, 0, { state, at })), outcome };
}

/** @returns the last changes, newest first */
export function stateChanges(reports: readonly InstanceState[]): readonly StateChange[] {
  return reports
    .map(({ state, at }, i) => ({ at, from: reports[i - 1]?.state ?? null, to: state }))
    .filter(({ from, to }) => from !== to)
    .slice(-STATE_CHANGES_MAX)
    .toReversed();
}

/** Drop a report that changed nothing first: a gateway may repeat its state every minute. */
function bounded(reports: readonly InstanceState[]): readonly InstanceState[] {
  if (reports.length <= STATE_REPORTS_MAX) return reports;
  const repeat = reports.findIndex(({ state }, i) => i > 0 && state === reports[i - 1]?.state);
  return reports.toSpliced(Math.max(repeat, 0), 1);
}
