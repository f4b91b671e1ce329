import type { InstanceEvent } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { firstOf, InstanceWork } from "./instance-work.ts";

const signal: InstanceEvent = { kind: "signal", receivedAt: 1 };
const state: InstanceEvent = { kind: "state", state: "authorized", at: 1, receivedAt: 1 };
const sent = (idMessage: string): InstanceEvent => ({
  kind: "status",
  status: "sent",
  idMessage,
  chatId: undefined,
  chatKind: undefined,
  origin: "api",
  at: 1,
  receivedAt: 1,
});

const works = (count: number, events: readonly InstanceEvent[]) =>
  Array.from({ length: count }, (_, i) => new InstanceWork({ instance: String(i + 1), events }));

describe("firstOf", () => {
  it.each([
    { of: "two messages each", events: [sent("A"), sent("B")], taken: 250 },
    { of: "two statuses of one message each", events: [sent("A"), sent("A")], taken: 500 },
    { of: "a sign of activity each", events: [signal], taken: 500 },
    { of: "a reported state each", events: [state], taken: 83 },
    { of: "more messages than a call takes", events: Array.from({ length: 600 }, (_, i) => sent(`M${i}`)), taken: 1 },
  ])("of 2,000 instances with $of takes $taken", ({ events, taken }) => {
    expect(firstOf(works(2_000, events), 500)).toHaveLength(taken);
  });
});
