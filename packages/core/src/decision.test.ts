import { describe, expect, it } from "vitest";
import { CounterChanges } from "./counters/counter-changes.ts";
import { COUNTER_OF_SLOT } from "./counters/counters.ts";
import { Decision, movesLastMessage } from "./decision.ts";
import type { FailureEvent, MessageEvent, Observation, ProgressEvent } from "./messages/message-event.ts";
import { newRecord } from "./messages/message-record.ts";
import type { Outcome, Progress } from "./messages/message-status.ts";
import { anyHash, outcomesOfEvents } from "./testing/record-of-events.ts";

const [A, B] = ["79000000001@c.us", "79000000002@c.us"];
const base = { idMessage: "3EB0", origin: "api" } as const;

function progress(status: Progress, at: number, more: Partial<ProgressEvent> = {}): ProgressEvent {
  return { ...base, kind: "status", status, at, receivedAt: at + 1, ...more };
}

function failed(at: number, more: Partial<FailureEvent> = {}): FailureEvent {
  return { ...base, kind: "status", status: "failed", reason: "other", at, receivedAt: at + 1, ...more };
}

function observed(at: number, more: Partial<Observation> = {}): Observation {
  return { ...base, kind: "observation", direction: "outgoing", type: "text", at, receivedAt: at + 1, ...more };
}

describe("the outcome of an event", () => {
  it.each<[promise: string, before: readonly MessageEvent[], event: MessageEvent, outcome: Outcome]>([
    ["the first event of a message", [], progress("sent", 5), "created"],
    ["the first event, even one that contradicts itself later", [], failed(5), "created"],
    ["an observation that comes first", [], observed(5), "created"],

    ["a higher status", [progress("sent", 5)], progress("delivered", 6), "advanced"],
    ["a higher status that skips one", [progress("sent", 5)], progress("read", 6), "advanced"],
    ["a higher status with an earlier time", [progress("sent", 5)], progress("delivered", 4), "advanced"],
    ["a failure before any proof", [progress("sent", 5)], failed(6), "advanced"],
    ["a failure that undoes a delivery", [progress("delivered", 7)], failed(6), "advanced"],
    ["a proof of delivery that undoes a failure", [failed(6)], progress("delivered", 5), "advanced"],
    [
      "an earlier failure with another status",
      [failed(6)],
      failed(5, { status: "noAccount", reason: "no_account" }),
      "advanced",
    ],
    ["a first origin", [progress("sent", 5, { origin: "unknown" })], progress("sent", 5), "advanced"],
    ["an origin that is preferred", [progress("sent", 5, { origin: "phone" })], progress("sent", 5), "advanced"],
    ["a first type", [progress("sent", 5)], observed(5), "advanced"],
    ["a type that is preferred", [observed(5)], observed(5, { type: "image" }), "advanced"],
    ["a first chat", [progress("sent", 5)], progress("sent", 5, { chatId: A }), "advanced"],
    ["a chat that is preferred", [observed(5, { chatId: "1@lid" })], observed(5, { chatId: A }), "advanced"],

    ["a failure after the proof", [progress("delivered", 5)], failed(6), "contradiction"],
    ["proof after a failure", [failed(5)], progress("delivered", 6), "contradiction"],
    ["proof in the same second as a failure", [failed(5)], progress("read", 5), "contradiction"],
    ["the same proof after a failure again", [failed(5), progress("read", 6)], progress("read", 6), "contradiction"],
    ["the same failure after the proof again", [progress("read", 5), failed(6)], failed(6), "contradiction"],
    [
      "one recipient's proof after its failure",
      [failed(5, { chatId: A }), progress("delivered", 6, { chatId: B })],
      progress("read", 7, { chatId: A }),
      "contradiction",
    ],

    ["a repeated status", [progress("sent", 5)], progress("sent", 5), "duplicate"],
    ["a repeated status with an earlier time", [progress("sent", 5)], progress("sent", 4), "duplicate"],
    [
      "a repeated status that is lower than the current one",
      [progress("sent", 5), progress("read", 6)],
      progress("sent", 5),
      "duplicate",
    ],
    ["a repeated failure", [failed(5)], failed(5), "duplicate"],
    ["a later failure", [failed(5)], failed(6, { status: "noAccount", reason: "no_account" }), "duplicate"],
    ["a failure of a recipient after one without a recipient", [failed(5)], failed(6, { chatId: A }), "advanced"],
    ["a failure without a recipient after a recipient's failure", [failed(5, { chatId: A })], failed(6), "duplicate"],
    ["a repeated observation", [observed(5)], observed(5), "duplicate"],

    ["a lower status that is reported first now", [progress("read", 6)], progress("sent", 5), "late"],
    ["a waiting status after the failure", [failed(5)], progress("pending", 4), "late"],
    ["sent after the failure", [failed(5)], progress("sent", 4), "late"],
    [
      "a status that proves no delivery, after a failure and a proof of delivery",
      [failed(5), progress("read", 6)],
      progress("sent", 4),
      "late",
    ],
    [
      "an attribute that is not preferred",
      [progress("sent", 5, { chatId: A })],
      observed(5, { origin: "phone", type: "unknown", chatId: "1@lid" }),
      "late",
    ],
  ])("of %s", (_, before, event, outcome) => {
    expect(outcomesOfEvents([...before, event]).at(-1)).toBe(outcome);
  });
});

describe("Decision", () => {
  const decision = new Decision();

  function applied(record: ReturnType<typeof newRecord>, events: readonly MessageEvent[]) {
    const [changes, counts] = [new CounterChanges(), new Map<string, number>()];
    decision.begin(record);
    const outcomes = events.map((event) => decision.apply(record, event, anyHash, changes));
    decision.end(record, changes);
    const failure = { failedBefore: decision.failedBefore, failedAfter: decision.failedAfter };
    changes.takeTotals((slot, by) => counts.set(COUNTER_OF_SLOT[slot] ?? String(slot), by));
    return { failure, outcomes, counts };
  }

  it("counts the outcomes of statuses only", () => {
    const { outcomes, counts } = applied(newRecord("outgoing", "3EB0"), [
      observed(5),
      progress("sent", 6),
      progress("sent", 6),
    ]);
    expect(outcomes).toEqual(["created", "advanced", "duplicate"]);
    const counted = [...counts].filter(([counter]) => counter.startsWith("outcomes/"));
    expect(Object.fromEntries(counted)).toEqual({ "outcomes/advanced": 1, "outcomes/duplicate": 1 });
  });

  it("changes only outcomes for repeated events", () => {
    const record = newRecord("outgoing", "3EB0");
    const events = [observed(5), progress("sent", 6), failed(7, { chatId: A }), progress("read", 8, { chatId: B })];
    applied(record, events);
    const { counts } = applied(record, events);
    expect([...counts.keys()].filter((counter) => !counter.startsWith("outcomes/"))).toEqual([]);
  });

  it("returns the failure time before and after, for the list of failures", () => {
    const record = newRecord("outgoing", "3EB0");
    expect(applied(record, [failed(6)]).failure).toEqual({ failedBefore: undefined, failedAfter: 6 });
    expect(applied(record, [failed(5)]).failure).toEqual({ failedBefore: 6, failedAfter: 5 });
    expect(applied(record, [progress("delivered", 4)]).failure).toEqual({ failedBefore: 5, failedAfter: undefined });
    expect(applied(record, [progress("read", 9)]).failure).toEqual({ failedBefore: undefined, failedAfter: undefined });
  });

  it("has no failure for an action, which is not a message", () => {
    const record = newRecord("outgoing", "3EB0");
    applied(record, [failed(6)]);
    const { failure, counts } = applied(record, [observed(6, { type: "edited" })]);
    expect(failure).toEqual({ failedBefore: 6, failedAfter: undefined });
    expect(counts.get("failures/failed/other")).toBe(-1);
    expect(counts.get("actions/outgoing/edited")).toBe(1);
  });
});

describe("movesLastMessage", () => {
  it.each([
    ["an observation", observed(5), true],
    ["sent", progress("sent", 5), true],
    ["a failure", failed(5), true],
    ["pending", progress("pending", 5), false],
    ["yellowCard", progress("yellowCard", 5), false],
    ["delivered", progress("delivered", 5), false],
    ["read", progress("read", 5), false],
    ["played", progress("played", 5), false],
  ] as const)("says of %s: %s", (_, event, tells) => {
    expect(movesLastMessage(event)).toBe(tells);
  });
});
