import {
  currentStatus,
  FAILURES,
  MESSAGE_STATUSES,
  OUTCOMES,
  PROGRESS,
  transition,
  type MessageStatus,
  type StatusState,
} from "./message-status.ts";

/**
 * The whole transition rule as data, so that a store which cannot call TypeScript (a Lua script) runs the same rule.
 *
 * A state is a number: 0 is "no record", 1 + rank + 6 × failure otherwise, where failure is 0 for none and
 * 1 + its place in FAILURES. A status is its place in MESSAGE_STATUSES; an observation acts as `pending`.
 * `rows[state][status]` holds the next state and the outcome's place in OUTCOMES.
 */
export interface TransitionTable {
  readonly rows: readonly (readonly { readonly state: number; readonly outcome: number }[])[];
}

export function transitionTable(): TransitionTable {
  const rows = [undefined, ...allStates()].map((state) =>
    MESSAGE_STATUSES.map((status) => {
      const next = transition(state, status);
      return { state: stateCode(next.state), outcome: OUTCOMES.indexOf(next.outcome) };
    }),
  );
  return { rows };
}

/** The codes of all states that show one of these statuses. */
export function stateCodesOf(statuses: readonly MessageStatus[]): readonly number[] {
  return allStates()
    .filter((state) => statuses.includes(currentStatus(state)))
    .map(stateCode);
}

/** Every state, ascending by its code. */
function allStates(): readonly StatusState[] {
  return [undefined, ...FAILURES].flatMap((failure) =>
    PROGRESS.map((reached) => (failure === undefined ? { reached } : { reached, failure })),
  );
}

export function stateCode(state: StatusState): number {
  const failure = state.failure === undefined ? 0 : 1 + FAILURES.indexOf(state.failure);
  return 1 + PROGRESS.indexOf(state.reached) + PROGRESS.length * failure;
}

/** @param code a number made by {@link stateCode}; 1 to 30 */
export function stateOfCode(code: number): StatusState {
  const reached = PROGRESS[(code - 1) % PROGRESS.length];
  if (reached === undefined) throw new RangeError(`no message state has the code ${String(code)}`);
  const failure = FAILURES[Math.floor((code - 1) / PROGRESS.length) - 1];
  return failure === undefined ? { reached } : { reached, failure };
}
