import { describe, expect, it } from "vitest";
import { repaired, verdictOf, type KnownEvent } from "./known.ts";

function events(...pairs: readonly (readonly [KnownEvent["what"], number])[]): readonly KnownEvent[] {
  return pairs.map(([what, at]) => ({ what, at }));
}

describe("the expected state of a message", () => {
  it.each([
    [
      "the highest status, for any events in between",
      events(["read", 9], ["sent", 2]),
      "read",
      { sent: 2, delivered: 9, read: 9 },
    ],
    [
      "a status at the time of a later one, if that is earlier",
      events(["delivered", 9], ["read", 5]),
      "read",
      { sent: 5, delivered: 5, read: 5 },
    ],
    ["a failure before a proof of delivery", events(["sent", 1], ["failed", 3], ["read", 4]), "failed", { sent: 1 }],
    ["a failure in the same second", events(["failed", 4], ["delivered", 4]), "failed", {}],
    ["delivery before a failure", events(["delivered", 3], ["failed", 4]), "delivered", { sent: 3, delivered: 3 }],
    ["parked", events(["observation", 1], ["yellowCard", 2]), "yellowCard", {}],
    ["pending, of what was only observed", events(["observation", 1]), "pending", {}],
  ] as const)("is %s", (_, known, status, reached) => {
    const verdict = verdictOf(known);
    expect(verdict.status).toBe(status);
    expect(Object.fromEntries(verdict.reached)).toEqual(reached);
  });

  it("is the same for any order of events", () => {
    const known = events(["observation", 1], ["sent", 1], ["failed", 5], ["delivered", 6], ["noAccount", 5]);
    expect(verdictOf(known.toReversed())).toEqual(verdictOf(known));
  });
});

describe("a journal", () => {
  const entry = { type: "outgoing", idMessage: "A", timestamp: 9, statusMessage: "read" } as const;

  it("repairs a lost message with its earliest known time and its status", () => {
    expect(repaired(events(["sent", 2]), entry)).toEqual([
      ...events(["sent", 2]),
      { what: "observation", at: 2, isFromJournal: true },
      { what: "read", at: 9, isFromJournal: true },
    ]);
  });

  it("adds nothing to a message that is already complete", () => {
    const known = events(["observation", 1], ["read", 8]);
    expect(repaired(known, entry)).toEqual(known);
  });
});
