import { describe, expect, it } from "vitest";
import { attemptOutcome, eventPauseMs, passesFilter } from "./forwarding.ts";
import type { InstanceEvent } from "./messages/message-event.ts";

const moment = { at: 1, receivedAt: 1, idMessage: "A", origin: "api" } as const;
const RECEIVED: InstanceEvent = { ...moment, kind: "observation", direction: "incoming", type: "text" };
const SENT: InstanceEvent = { ...moment, kind: "observation", direction: "outgoing", type: "text" };
const READ: InstanceEvent = { ...moment, kind: "status", status: "read" };
const SIGNAL: InstanceEvent = { kind: "signal", receivedAt: 1 };

describe("passesFilter", () => {
  it.each([
    ["nothing", undefined, SIGNAL, true],
    ["the type", { types: ["a"] }, SIGNAL, true],
    ["another type", { types: ["b"] }, RECEIVED, false],
    ["what comes in", { directions: ["incoming"] }, RECEIVED, true],
    ["what comes in", { directions: ["incoming"] }, SENT, false],
    ["what goes out, a status", { directions: ["outgoing"] }, READ, true],
    ["a direction, and there is none", { directions: ["incoming", "outgoing"] }, SIGNAL, false],
    ["a status", { statuses: ["read"] }, READ, true],
    ["another status", { statuses: ["sent"] }, READ, false],
    ["a status, and there is none", { statuses: ["read"] }, SENT, false],
    ["both", { types: ["a"], directions: ["outgoing"], statuses: ["read"] }, READ, true],
  ] as const)("for %s (%j) of %j is %s", (_, filter, event, expected) => {
    expect(passesFilter(filter, "a", () => [event])).toBe(expected);
  });

  it("does not parse a webhook if its type is sufficient", () => {
    const asked = () => {
      throw new Error("asked");
    };
    expect(passesFilter({ types: ["b"], statuses: ["read"] }, "a", asked)).toBe(false);
    expect(passesFilter({ types: ["a"] }, "a", asked)).toBe(true);
  });
});

describe("attemptOutcome", () => {
  it.each([
    [200, true, "success"],
    [201, true, "2xx"],
    [201, false, "success"],
    [302, false, "3xx"],
    [404, true, "4xx"],
    [503, true, "5xx"],
    [999, true, "other"],
    ["timeout", true, "timeout"],
    ["whatever", false, "other"],
  ] as const)("of %j (relay: %j) is %s", (status, isRelay, expected) => {
    expect(attemptOutcome(status, isRelay)).toBe(expected);
  });
});

describe("eventPauseMs", () => {
  it("increases with each failure, with jitter, up to half an hour", () => {
    expect([1, 2, 3, 4, 50].map((attempt) => eventPauseMs(attempt, undefined, 0.5))).toEqual([
      5_000, 300_000, 1_800_000, 1_800_000, 1_800_000,
    ]);
    expect(eventPauseMs(1, undefined, 0)).toBe(4_000);
    expect(eventPauseMs(1, undefined, 0.999)).toBeLessThan(6_000);
  });

  it("respects the target's Retry-After if it is longer and within the limit", () => {
    expect(eventPauseMs(1, 60_000, 0.5)).toBe(60_000);
    expect(eventPauseMs(2, 60_000, 0.5)).toBe(300_000);
    expect(eventPauseMs(1, 86_400_000, 0.5)).toBe(1_800_000);
  });
});
