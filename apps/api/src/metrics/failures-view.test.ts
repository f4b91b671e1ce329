import {
  applyEvent,
  FAILURE_REASONS,
  failureSlot,
  newRecord,
  newStanding,
  statusCode,
  type Failure,
  type FailureReason,
  type MessageRecord,
} from "@ticktally/core";
import { expect, it } from "vitest";
import { failureCounts, failureExamples, FAILURE_SLOTS } from "./failures-view.ts";

function failedAt(at: number, description: string): MessageRecord {
  const record = newRecord("outgoing", `m${at}`);
  const base = { kind: "status", idMessage: record.idMessage, origin: "api", chatId: "79001234567@c.us" } as const;
  const failed = { ...base, status: "failed", reason: "other", description, at, receivedAt: at } as const;
  applyEvent(record, failed, newStanding(), () => 0);
  return record;
}

it("lists failures by status and reason, most frequent first, without zeros", () => {
  const cells = new Float64Array(FAILURE_SLOTS[1] - FAILURE_SLOTS[0]);
  const add = (status: Failure, reason: FailureReason, count: number) => {
    const slot = failureSlot(statusCode(status), FAILURE_REASONS.indexOf(reason)) - FAILURE_SLOTS[0];
    cells[slot] = (cells[slot] ?? 0) + count;
  };
  add("failed", "other", 2);
  add("noAccount", "no_account", 3);
  add("failed", "other", 5);
  expect(failureCounts(cells)).toEqual({
    total: 10,
    byStatus: { failed: 7, noAccount: 3, notInGroup: 0, noActiveSession: 0 },
    byReason: [
      { status: "failed", reason: "other", count: 7 },
      { status: "noAccount", reason: "no_account", count: 3 },
    ],
  });
});

it("shows the newest 20 failures of the period, without chats and long numbers", () => {
  const words = "cannot send to 79001234567@c.us, URL: https://files.example/79001234567.jpg (code 503)";
  const failed = Array.from({ length: 30 }, (_, i) => ({
    instance: "sales",
    record: failedAt(1_790_000_000 + i, words),
  }));
  const examples = failureExamples(failed, (at) => at < 1_790_000_025);
  expect(examples.map(({ idMessage }) => idMessage)).toEqual(
    Array.from({ length: 20 }, (_, i) => `m${1_790_000_024 - i}`),
  );
  expect(examples[0]).toEqual({
    instance: "sales",
    idMessage: "m1790000024",
    status: "failed",
    reason: "other",
    description: "cannot send to …@c.us, URL: https://files.example/….jpg (code 503)",
    at: "2026-09-21T14:13:44.000Z",
  });
});
