import { describe, expect, it } from "vitest";
import { messageOf } from "./message.ts";
import type { FailureEvent, MessageEvent, ProgressEvent } from "./message-event.ts";
import { PROGRESS, statusOfCode, type Failure, type MessageStatus, type Progress } from "./message-status.ts";
import { newStanding, standingOf } from "./standing.ts";
import { recordOfEvents } from "../testing/record-of-events.ts";

const GROUP = "120363347693198097@g.us";
const inChat = (chatId?: string) =>
  chatId === undefined ? {} : { chatId, chatKind: chatId === GROUP ? ("group" as const) : ("individual" as const) };
const [A, B, C] = ["79000000001@c.us", "79000000002@c.us", "79000000003@c.us"];
const base = { kind: "status", idMessage: "3EB0", origin: "api" } as const;

function progress(status: Progress, at: number, chatId?: string): ProgressEvent {
  return { ...base, status, at, receivedAt: at + 1, ...inChat(chatId) };
}

function failed(at: number, chatId?: string, status: Failure = "failed"): FailureEvent {
  const reason = status === "failed" ? "other" : "no_account";
  return { ...base, status, reason, at, receivedAt: at + 1, ...inChat(chatId) };
}

/** The standing of a message, and the reached statuses with their times. */
function standing(events: readonly MessageEvent[]) {
  const { status, reachedAt, failure, failureAt, isContradicted } = standingOf(recordOfEvents(events), newStanding());
  const reached = PROGRESS.flatMap((rank, i) => ((reachedAt[i] ?? Infinity) < Infinity ? [[rank, reachedAt[i]]] : []));
  return {
    status: statusOfCode(status),
    reached: Object.fromEntries(reached) as Partial<Record<Progress, number>>,
    failedAt: failure === undefined ? undefined : failureAt,
    isContradicted,
  };
}

interface Row {
  readonly events: readonly MessageEvent[];
  readonly status: MessageStatus;
  readonly reached?: Partial<Record<Progress, number>>;
  readonly failedAt?: number;
  readonly isContradicted?: boolean;
}

/** Each row is tested in every order of its events. */
function check(rows: readonly (readonly [name: string, row: Row])[]) {
  it.each(rows)("%s", (_, { events, status, reached = {}, failedAt, isContradicted = false }) => {
    const expected = { status, reached, failedAt, isContradicted };
    for (const order of ordersOf(events)) expect(standing(order)).toEqual(expected);
  });
}

function ordersOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) => ordersOf(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

describe("a message to one recipient", () => {
  check([
    [
      "is pending and has reached nothing before its first status",
      { events: [progress("pending", 5)], status: "pending" },
    ],
    [
      "is yellowCard while it waits",
      { events: [progress("pending", 5), progress("yellowCard", 6)], status: "yellowCard" },
    ],
    [
      "has the highest status, whatever the times",
      {
        events: [progress("sent", 9), progress("delivered", 5), progress("read", 7)],
        status: "read",
        reached: { sent: 9, delivered: 5, read: 7 },
      },
    ],
    [
      "reached skipped statuses at the earliest time of a higher status",
      {
        events: [progress("played", 8), progress("read", 9)],
        status: "played",
        reached: { sent: 8, delivered: 8, read: 9, played: 8 },
      },
    ],
    [
      "reached each status at its earliest reported time",
      { events: [progress("sent", 7), progress("sent", 3), progress("sent", 5)], status: "sent", reached: { sent: 3 } },
    ],
    [
      "ends with a failure, with sent reached if it was reported",
      { events: [progress("sent", 5), failed(6)], status: "failed", reached: { sent: 5 }, failedAt: 6 },
    ],
    [
      "ends with a failure without sent if that was not reported",
      { events: [progress("pending", 5), failed(6)], status: "failed", failedAt: 6 },
    ],
    [
      "ends with a failure that is earlier than the proof of delivery, which does not count",
      {
        events: [progress("sent", 5), failed(6), progress("delivered", 7), progress("read", 8)],
        status: "failed",
        reached: { sent: 5 },
        failedAt: 6,
        isContradicted: true,
      },
    ],
    [
      "ends with a failure in the same second as the proof, because failures are terminal",
      { events: [failed(7), progress("delivered", 7)], status: "failed", failedAt: 7, isContradicted: true },
    ],
    [
      "stays delivered if the failure is later, which is only a contradiction",
      {
        events: [progress("delivered", 6), failed(7)],
        status: "delivered",
        reached: { sent: 6, delivered: 6 },
        isContradicted: true,
      },
    ],
    [
      "is proven delivered by the earliest of delivered, read and played",
      {
        events: [progress("played", 6), failed(7), progress("delivered", 8)],
        status: "played",
        reached: { sent: 6, delivered: 8, read: 6, played: 6 },
        isContradicted: true,
      },
    ],
    [
      "does not treat sent as a proof",
      { events: [progress("sent", 6), failed(7)], status: "failed", reached: { sent: 6 }, failedAt: 7 },
    ],
    [
      "has the earlier of two failures",
      { events: [failed(7, undefined, "failed"), failed(6, undefined, "noAccount")], status: "noAccount", failedAt: 6 },
    ],
    [
      "has the first status in the list for two failures in one second",
      { events: [failed(6, undefined, "noAccount"), failed(6, undefined, "failed")], status: "failed", failedAt: 6 },
    ],
    [
      "has the earlier failure even if only that one counts",
      {
        events: [failed(5, A, "noAccount"), progress("delivered", 6, A), failed(7, A)],
        status: "noAccount",
        failedAt: 5,
        isContradicted: true,
      },
    ],
  ]);
});

describe("a message to several recipients", () => {
  check([
    [
      "reached the statuses of any recipient, at the earliest times",
      {
        events: [progress("sent", 1), progress("delivered", 6, A), progress("delivered", 5, B), progress("read", 9, A)],
        status: "read",
        reached: { sent: 1, delivered: 5, read: 9 },
      },
    ],
    [
      "stays delivered if one member failed before another received it",
      { events: [failed(3, A), progress("delivered", 6, B)], status: "delivered", reached: { sent: 6, delivered: 6 } },
    ],
    [
      "stays delivered if one member failed after another received it",
      { events: [failed(8, A), progress("delivered", 6, B)], status: "delivered", reached: { sent: 6, delivered: 6 } },
    ],
    [
      "failed if no member received it, at the earliest failure",
      {
        events: [failed(8, A), failed(6, B), progress("sent", 5)],
        status: "failed",
        reached: { sent: 5 },
        failedAt: 6,
      },
    ],
    [
      "is contradicted by one member's failure and later proof, which does not count",
      {
        events: [failed(5, A), progress("read", 6, A), progress("sent", 4, B)],
        status: "failed",
        reached: { sent: 4 },
        failedAt: 5,
        isContradicted: true,
      },
    ],
    [
      "ignores a failed member's proof, and counts another member's status",
      {
        events: [failed(5, A), progress("read", 6, A), progress("delivered", 9, B)],
        status: "delivered",
        reached: { sent: 9, delivered: 9 },
        isContradicted: true,
      },
    ],
    [
      "ends with a failure without a recipient, unless a member received it before",
      {
        events: [failed(5), progress("delivered", 6, A), progress("delivered", 7, B)],
        status: "failed",
        failedAt: 5,
        isContradicted: true,
      },
    ],
    [
      "stays delivered if the failure without a recipient is later",
      {
        events: [failed(7), progress("delivered", 6, A), progress("delivered", 8, B)],
        status: "delivered",
        reached: { sent: 6, delivered: 6 },
        isContradicted: true,
      },
    ],
    [
      "ends with a failure without a recipient even if a failed member had an earlier proof, which does not count",
      {
        events: [failed(5, A), progress("read", 6, A), failed(7), progress("delivered", 9, B)],
        status: "failed",
        failedAt: 7,
        isContradicted: true,
      },
    ],
    [
      "is proven delivered by a status without a recipient",
      { events: [failed(5, A), progress("delivered", 6)], status: "delivered", reached: { sent: 6, delivered: 6 } },
    ],
    [
      "treats the group's own statuses as statuses without a recipient",
      {
        events: [failed(5, A), progress("delivered", 6, GROUP)],
        status: "delivered",
        reached: { sent: 6, delivered: 6 },
      },
    ],
    [
      "treats a phone number and a hidden number as one person while there is no third recipient",
      {
        events: [failed(5, A), progress("delivered", 6, "1@lid")],
        status: "failed",
        failedAt: 5,
        isContradicted: true,
      },
    ],
    [
      "treats them as two once there is a third",
      {
        events: [failed(5, A), progress("delivered", 6, "1@lid"), progress("sent", 4, C)],
        status: "delivered",
        reached: { sent: 4, delivered: 6 },
      },
    ],
  ]);

  it("shows no recipients for none, one, or a pair that may be one person", () => {
    for (const events of [
      [progress("delivered", 6, A)],
      [progress("delivered", 6, A), progress("delivered", 7, "1@lid")],
      [progress("delivered", 6), progress("delivered", 7, A)],
      [progress("delivered", 6)],
    ])
      expect(messageOf(recordOfEvents(events)).recipients).toBeUndefined();
  });

  it("shows each of several recipients with status and time, including the one that was reported first", () => {
    const events = [
      progress("delivered", 6, A),
      progress("read", 9, A),
      failed(5, B),
      progress("sent", 4, C),
      failed(9, C),
    ];
    for (const order of ordersOf(events))
      expect(messageOf(recordOfEvents(order)).recipients).toEqual([
        { chatId: A, status: "read", at: 9 },
        { chatId: B, status: "failed", at: 5 },
        { chatId: C, status: "failed", at: 9 },
      ]);
  });
});
