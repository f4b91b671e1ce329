import { expect, it } from "vitest";
import type { Condition } from "./alert.ts";
import { alertEvent } from "./alert-event.ts";
import { stepAlerts, type AlertState } from "./alert-states.ts";

/** Must hold for two minutes, and is kept for two. */
const GROWING: Condition = {
  alert: "TicktallyQueueAgeGrowing",
  of: "",
  summary: "Webhooks wait longer and longer to be counted",
  description: "…",
};

/** @param holds a letter a minute: `x` it holds, `.` it does not @returns what is reported, by the minute */
function changesOf(holds: string, condition = GROWING): readonly string[] {
  let states: readonly AlertState[] = [];
  return Array.from(holds).flatMap((mark, minute) => {
    const step = stepAlerts(states, mark === "x" ? [condition] : [], minute);
    states = step.states;
    return step.changes.map(({ kind }) => `${String(minute)} ${kind}`);
  });
}

it.each([
  ["a minute is not long enough", ".xx.xx.", []],
  ["long enough, once", ".xxxxxx", ["3 begins"]],
  ["a pause that is shorter than it is kept is none", "xxx..xx...", ["2 begins", "9 ends"]],
  ["it ends, and begins again", "xxx...xxx", ["2 begins", "5 ends", "8 begins"]],
])("%s", (_, holds, expected) => {
  expect(changesOf(holds)).toEqual(expected);
});

it("what is kept for no time ends with the first look that does not find it", () => {
  expect(changesOf("xx.", { ...GROWING, alert: "TicktallyQueueStuck" })).toEqual(["1 begins", "2 ends"]);
});

it("two of an alert are told apart, and have ids of their own", () => {
  const both = ["1", "2"].map((of): Condition => ({ ...GROWING, alert: "TicktallyInstanceNotAuthorised", of }));
  const first = stepAlerts([], both, 10);
  const { changes } = stepAlerts(first.states, both, 12);
  expect(changes.map((change) => alertEvent(change, 12).id)).toEqual([
    "TicktallyInstanceNotAuthorised-1-10-begins",
    "TicktallyInstanceNotAuthorised-2-10-begins",
  ]);
});
