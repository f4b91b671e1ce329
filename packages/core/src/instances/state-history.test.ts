import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InstanceState } from "./state-history.ts";
import { addStateReport, STATE_CHANGES_MAX, STATE_REPORTS_MAX, stateChanges } from "./state-history.ts";

const report = (at: number, state: string): InstanceState => ({ at, state });

function added(events: readonly InstanceState[]): readonly InstanceState[] {
  return events.reduce<readonly InstanceState[]>((reports, event) => addStateReport(reports, event).reports, []);
}

const outcomes = (events: readonly InstanceState[], last: InstanceState) => addStateReport(added(events), last).outcome;

describe("addStateReport", () => {
  it.each([
    ["created", "the first report", [], report(5, "authorized")],
    ["advanced", "a later state", [report(5, "authorized")], report(6, "blocked")],
    ["advanced", "another state of the same second", [report(5, "starting")], report(5, "authorized")],
    ["duplicate", "the present report", [report(5, "authorized")], report(5, "authorized")],
    ["duplicate", "a report of before", [report(5, "starting"), report(6, "authorized")], report(5, "starting")],
    ["late", "a report of an earlier time", [report(5, "authorized")], report(4, "starting")],
  ] as const)("returns %s for %s", (outcome, _, events, last) => {
    expect(outcomes(events, last)).toBe(outcome);
  });

  it("keeps the later state of a second if the earlier one is repeated", () => {
    const reports = added([report(5, "starting"), report(5, "authorized"), report(5, "starting")]);
    expect(reports.at(-1)).toEqual(report(5, "authorized"));
  });

  it("builds the same history in every order and with any repeats", () => {
    const states = fc.constantFrom("authorized", "notAuthorized", "blocked");
    const histories = fc
      .uniqueArray(fc.tuple(fc.nat(1_000), states), { selector: ([at]) => at, maxLength: STATE_REPORTS_MAX })
      .map((all) => all.map(([at, state]) => report(at, state)));
    const orders = histories.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length })),
    );
    fc.assert(
      fc.property(orders, ([all, other]) => {
        expect(added(other)).toEqual(added(all.toSorted((a, b) => a.at - b.at)));
      }),
    );
  });

  it("keeps the last changes, for any number of reports and repeats", () => {
    const changes = Array.from({ length: 60 }, (_, i) => report(1_000 * i, i % 2 === 0 ? "authorized" : "blocked"));
    const repeats = changes.flatMap(({ at, state }) => Array.from({ length: 5 }, (_, n) => report(at + n, state)));
    const reports = added(repeats);
    expect(reports).toHaveLength(STATE_REPORTS_MAX);
    expect(stateChanges(reports)).toEqual(stateChanges(changes));
    expect(stateChanges(reports)).toHaveLength(STATE_CHANGES_MAX);
    expect(stateChanges(reports)[0]).toEqual({ at: 59_000, from: "authorized", to: "blocked" });
  });
});

describe("stateChanges", () => {
  it("lists the last change first, with the previous state, and without repeated reports", () => {
    const reports = added([report(1, "authorized"), report(2, "authorized"), report(3, "blocked")]);
    expect(stateChanges(reports)).toEqual([
      { at: 3, from: "authorized", to: "blocked" },
      { at: 1, from: null, to: "authorized" },
    ]);
  });

  it("moves a change to the time of an earlier report", () => {
    const reports = added([report(1, "authorized"), report(9, "authorized"), report(5, "blocked")]);
    expect(stateChanges(reports).map(({ at, to }) => [at, to])).toEqual([
      [9, "authorized"],
      [5, "blocked"],
      [1, "authorized"],
    ]);
  });
});
