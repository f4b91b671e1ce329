import { describe, expect, it } from "vitest";
import { CounterChanges } from "./counters/counter-changes.ts";
import { Decision } from "./decision.ts";
import type { FailureEvent, MessageEvent, Observation, ProgressEvent } from "./messages/message-event.ts";
import { newRecord } from "./messages/message-record.ts";
import type { Progress } from "./messages/message-status.ts";
import type { Transition } from "./transition.ts";

const AT = 1_790_000_000;
const common = { idMessage: "M", origin: "api" as const, receivedAt: AT + 100 };

const status = (word: Progress, at: number): ProgressEvent => ({
  ...common,
  kind: "status",
  status: word,
  at: AT + at,
});
const failure = (at: number): FailureEvent => {
  return { ...common, kind: "status", status: "failed", reason: "timed_out", description: "Timed Out", at: AT + at };
};
const observation = (at: number, more: Partial<Observation> = {}): Observation => {
  return { ...common, kind: "observation", direction: "outgoing", type: "text", at: AT + at, ...more };
};

/** The transitions of consecutive decisions, one for each list of events. */
function transitions(...decisions: readonly (readonly MessageEvent[])[]): readonly (Transition | undefined)[] {
  const [first] = decisions[0] ?? [];
  const record = newRecord(first?.kind === "observation" ? first.direction : "outgoing", "M");
  const decision = new Decision();
  return decisions.map((events) => {
    decision.begin(record);
    for (const event of events) decision.apply(record, event, () => 0, new CounterChanges());
    decision.end(record, new CounterChanges());
    return decision.transition(record);
  });
}

const out = (before: Transition["before"], after: Transition["after"], at: number, reason?: Transition["reason"]) => {
  return {
    idMessage: "M",
    direction: "outgoing",
    before,
    after,
    at: AT + at,
    ...(reason === undefined ? {} : { reason }),
  };
};

describe("Decision.transition", () => {
  it.each<[string, readonly (readonly MessageEvent[])[], readonly (object | undefined)[]]>([
    ["a new message has nothing before", [[status("sent", 1)]], [out(null, "sent", 1)]],
    ["one that was only observed is pending", [[observation(1)]], [out(null, "pending", 1)]],
    [
      "each status is a transition from the previous one",
      [[status("sent", 1)], [status("read", 5)]],
      [out(null, "sent", 1), out("sent", "read", 5)],
    ],
    [
      "several events of one decision are one transition",
      [[status("sent", 1), status("delivered", 2)]],
      [out(null, "delivered", 2)],
    ],
    [
      "events without a change of status are no transition",
      [[status("read", 5)], [status("read", 5), status("sent", 1), observation(1)]],
      [out(null, "read", 5), undefined],
    ],
    [
      "a failure has its reason and its own time",
      [[status("sent", 1)], [failure(3)]],
      [out(null, "sent", 1), out("sent", "failed", 3, "timed_out")],
    ],
    [
      "an earlier delivery reverts a failure",
      [[failure(9)], [status("delivered", 3)]],
      [out(null, "failed", 9, "timed_out"), out("failed", "delivered", 3)],
    ],
    ["an action is not a message", [[observation(1, { type: "reaction" })]], [undefined]],
  ])("%s", (_, decisions, expected) => {
    expect(transitions(...decisions)).toEqual(expected);
  });

  it("an incoming message is one transition without a status", () => {
    const incoming = observation(2, { direction: "incoming" });
    const received = { idMessage: "M", direction: "incoming", before: null, after: null, at: AT + 2 };
    expect(transitions([incoming], [observation(2, { direction: "incoming", type: "image" })])).toEqual([
      received,
      undefined,
    ]);
  });
});
