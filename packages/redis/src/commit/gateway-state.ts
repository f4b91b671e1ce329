import type { StateChange } from "./commit-codec.ts";
import type { InstanceWork } from "./instance-work.ts";
import type { KnownState } from "./record-reader.ts";

/** The newest word stands; of two in the same second, the one applied last. */
export function stateChange(work: InstanceWork, known: KnownState): StateChange | undefined {
  const { state } = work;
  if (state === undefined) return undefined;
  const knownAt = known.at === "" ? -1 : Number(known.at);
  const isSame = state.at === knownAt && state.state === known.state;
  work.setStateOutcome(state.at < knownAt ? "late" : knownAt < 0 ? "created" : isSame ? "duplicate" : "advanced");
  return state.at < knownAt
    ? undefined
    : { expected: known.state, expectedAt: known.at, state: state.state, at: state.at };
}
