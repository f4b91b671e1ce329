import { describe, expect, it } from "vitest";
import { FAILURES, MESSAGE_STATUSES, OUTCOMES, PROGRESS, transition } from "./message-status.ts";
import { stateCode, stateOfCode, transitionTable } from "./transition-table.ts";

describe("transitionTable", () => {
  it("says for every state and status just what the rule says", () => {
    const { rows } = transitionTable();
    for (const failure of [undefined, ...FAILURES]) {
      for (const reached of PROGRESS) {
        const state = failure === undefined ? { reached } : { reached, failure };
        MESSAGE_STATUSES.forEach((status, index) => {
          const cell = rows[stateCode(state)]?.[index];
          const rule = transition(state, status);
          expect(cell && { state: stateOfCode(cell.state), outcome: OUTCOMES[cell.outcome] }).toEqual(rule);
        });
      }
    }
  });
});
