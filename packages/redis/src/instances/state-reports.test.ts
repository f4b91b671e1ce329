import { describe, expect, it } from "vitest";
import { packState, unpackState } from "./state-reports.ts";

const stored = (state: string, at: string, reports: string) => [state, at, reports].map((text) => Buffer.from(text));
const starting = { at: 4, state: "starting" };
const authorized = { at: 5, state: "authorized" };

describe("the stored state of an instance", () => {
  it("is read unchanged, with words of any language", () => {
    const reports = [starting, { at: 6, state: "заблокирован" }];
    expect(unpackState(packState(reports))).toEqual(reports);
  });

  it.each([
    ["none if nothing was reported", "", "", "", []],
    ["only the current state if an older version stored it", "authorized", "5", "", [authorized]],
    [
      "an older version's current state after the earlier reports",
      "authorized",
      "5",
      '[[4,"starting"]]',
      [starting, authorized],
    ],
    ["the current state if its history is damaged", "authorized", "5", '[[4,"star', [authorized]],
    ["the current state if its history has another format", "authorized", "5", '{"at":4}', [authorized]],
  ])("has the history %s", (_, state, at, reports, expected) => {
    expect(unpackState(stored(state, at, reports))).toEqual(expected);
  });
});
