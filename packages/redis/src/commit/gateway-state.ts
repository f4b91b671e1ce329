import { addStateReport } from "@ticktally/core";
import { packState, unpackState, type StoredState } from "../instances/state-reports.ts";
import type { StateChange } from "./commit-codec.ts";
import type { InstanceWork } from "./instance-work.ts";

/** Add the gateway's reports about the account's state. @returns `undefined` if nothing changes */
export function stateChange(work: InstanceWork, stored: StoredState): StateChange | undefined {
  if (work.states.length === 0) return undefined;
  const known = unpackState(stored);
  let reports = known;
  for (const { event, place } of work.states) {
    const added = addStateReport(reports, event);
    reports = added.reports;
    work.outcomes[place] = added.outcome;
  }
  return reports === known ? undefined : { expected: stored, next: packState(reports) };
}
