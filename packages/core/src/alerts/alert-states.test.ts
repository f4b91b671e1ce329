import { expect, it } from "vitest";
import type { Condition } from "./alert.ts";
import { alertEvent } from "./alert-event.ts";
import { stepAlerts, type AlertState } from "./alert-states.ts";

/** The condition must hold for two minutes, and the alert keeps firing for two more. */
const GROWING: Condition = {
  alert: "TicktallyQueueAgeGrowing",
  of: "",
  summary: "Webhooks wait longer and longer to be counted",
  description: "…",
};

/** @param holds a letter for each minute: `x` the condition holds, `.` it does not @returns the reported changes with their minutes */
function changesOf(holds: string, condition = GROWING): readonly string[] {
  let states: readonly AlertState[] = [];
  return Array.from(holds).flatMap((mark, minute) => {
    const step = stepAlerts(states, mark === "x" ? [condition] : [], minute);
    states = step.states;
    return step.changes.map(({ kind }) => `${String(minute)} ${kind}`);
  });
}

it.each([
  ["a condition that holds for one minute reports nothing", ".xx.xx.", []],
  ["a condition that holds for two minutes is reported once", ".xxxxxx", ["3 begins"]],
  ["a pause shorter than the keep time ends nothing", "xxx..xx...", ["2 begins", "9 ends"]],
  ["an alert ends, and begins again", "xxx...xxx", ["2 begins", "5 ends", "8 begins"]],
])("%s", (_, holds, expected) => {
  expect(changesOf(holds)).toEqual(expected);
});

it("an alert without a keep time ends with the first minute in which its condition does not hold", () => {
  expect(changesOf("xx.", { ...GROWING, alert: "TicktallyQueueStuck" })).toEqual(["1 begins", "2 ends"]);
});

it("two instances of an alert are separate, and have their own ids", () => {
  const both = ["1", "2"].map((of): Condition => ({ ...GROWING, alert: "TicktallyInstanceNotAuthorised", of }));
  const first = stepAlerts([], both, 10);
  const { changes } = stepAlerts(first.states, both, 12);
  expect(changes.map((change) => alertEvent(change, 12).id)).toEqual([
    "TicktallyInstanceNotAuthorised-1-10-begins",
    "TicktallyInstanceNotAuthorised-2-10-begins",
  ]);
});
