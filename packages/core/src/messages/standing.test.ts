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

/** Where a message stands, and what counts as reached: by rank, since when. */
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

/** Each row holds in every order of its events. */
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
      "is pending and has reached nothing before its first rank",
      { events: [progress("pending", 5)], status: "pending" },
    ],
    ["waits while it is parked", { events: [progress("pending", 5), progress("yellowCard", 6)], status: "yellowCard" }],
    [
      "has the highest rank, whatever the times say",
      {
        events: [progress("sent", 9), progress("delivered", 5), progress("read", 7)],
        status: "read",
        reached: { sent: 9, delivered: 5, read: 7 },
      },
    ],
    [
      "reached the ranks it skipped at the earliest time of a rank above",
      {
        events: [progress("played", 8), progress("read", 9)],
        status: "played",
        reached: { sent: 8, delivered: 8, read: 9, played: 8 },
      },
    ],
    [
      "reached each rank at the earliest time that was reported for it",
      { events: [progress("sent", 7), progress("sent", 3), progress("sent", 5)], status: "sent", reached: { sent: 3 } },
    ],
    [
      "ends at a failure, with sent reached where it was reported",
      { events: [progress("sent", 5), failed(6)], status: "failed", reached: { sent: 5 }, failedAt: 6 },
    ],
    [
      "ends at a failure without having been sent where that was not reported",
      { events: [progress("pending", 5), failed(6)], status: "failed", failedAt: 6 },
    ],
    [
      "ends at a failure that is earlier than the proof of delivery, which counts as nothing",
      {
        events: [progress("sent", 5), failed(6), progress("delivered", 7), progress("read", 8)],
        status: "failed",
        reached: { sent: 5 },
        failedAt: 6,
        isContradicted: true,
      },
    ],
    [
      "ends at a failure in the same second as the proof, for failures are terminal",
      { events: [failed(7), progress("delivered", 7)], status: "failed", failedAt: 7, isContradicted: true },
    ],
    [
      "stays delivered where the failure is later, which is a contradiction only",
      {
        events: [progress("delivered", 6), failed(7)],
        status: "delivered",
        reached: { sent: 6, delivered: 6 },
        isContradicted: true,
      },
    ],
    [
      "is proven by the earliest of delivered, read and played",
      {
        events: [progress("played", 6), failed(7), progress("delivered", 8)],
        status: "played",
        reached: { sent: 6, delivered: 8, read: 6, played: 6 },
        isContradicted: true,
      },
    ],
    [
      "has sent as no proof",
      { events: [progress("sent", 6), failed(7)], status: "failed", reached: { sent: 6 }, failedAt: 7 },
    ],
    [
      "has the earlier of two failures",
      { events: [failed(7, undefined, "failed"), failed(6, undefined, "noAccount")], status: "noAccount", failedAt: 6 },
    ],
    [
      "has of two failures in one second the word that comes first",
      { events: [failed(6, undefined, "noAccount"), failed(6, undefined, "failed")], status: "failed", failedAt: 6 },
    ],
    [
      "counts the earlier failure even if only that one stands",
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
      "reached what any of them reached, at the earliest time",
      {
        events: [progress("sent", 1), progress("delivered", 6, A), progress("delivered", 5, B), progress("read", 9, A)],
        status: "read",
        reached: { sent: 1, delivered: 5, read: 9 },
      },
    ],
    [
      "stays delivered where one member failed before another got it",
      { events: [failed(3, A), progress("delivered", 6, B)], status: "delivered", reached: { sent: 6, delivered: 6 } },
    ],
    [
      "stays delivered where one member failed after another got it",
      { events: [failed(8, A), progress("delivered", 6, B)], status: "delivered", reached: { sent: 6, delivered: 6 } },
    ],
    [
      "failed where nobody got it, at the earliest failure of a member",
      {
        events: [failed(8, A), failed(6, B), progress("sent", 5)],
        status: "failed",
        reached: { sent: 5 },
        failedAt: 6,
      },
    ],
    [
      "is contradicted by one member's failure and later proof, which counts as nothing reached",
      {
        events: [failed(5, A), progress("read", 6, A), progress("sent", 4, B)],
        status: "failed",
        reached: { sent: 4 },
        failedAt: 5,
        isContradicted: true,
      },
    ],
    [
      "takes nothing of a failed member's proof beside what another got",
      {
        events: [failed(5, A), progress("read", 6, A), progress("delivered", 9, B)],
        status: "delivered",
        reached: { sent: 9, delivered: 9 },
        isContradicted: true,
      },
    ],
    [
      "ends at a failure that names nobody, unless somebody had it before",
      {
        events: [failed(5), progress("delivered", 6, A), progress("delivered", 7, B)],
        status: "failed",
        failedAt: 5,
        isContradicted: true,
      },
    ],
    [
      "stays delivered where the failure that names nobody is later",
      {
        events: [failed(7), progress("delivered", 6, A), progress("delivered", 8, B)],
        status: "delivered",
        reached: { sent: 6, delivered: 6 },
        isContradicted: true,
      },
    ],
    [
      "ends at a failure that names nobody although a member that failed had proof before, which counts as nothing",
      {
        events: [failed(5, A), progress("read", 6, A), failed(7), progress("delivered", 9, B)],
        status: "failed",
        failedAt: 7,
        isContradicted: true,
      },
    ],
    [
      "has proof from a status that names nobody",
      { events: [failed(5, A), progress("delivered", 6)], status: "delivered", reached: { sent: 6, delivered: 6 } },
    ],
    [
      "takes the group's own statuses as those of nobody in particular",
      {
        events: [failed(5, A), progress("delivered", 6, GROUP)],
        status: "delivered",
        reached: { sent: 6, delivered: 6 },
      },
    ],
    [
      "takes a phone number and a hidden number as one person while they are all that was named",
      {
        events: [failed(5, A), progress("delivered", 6, "1@lid")],
        status: "failed",
        failedAt: 5,
        isContradicted: true,
      },
    ],
    [
      "takes them as two once a third is named",
      {
        events: [failed(5, A), progress("delivered", 6, "1@lid"), progress("sent", 4, C)],
        status: "delivered",
        reached: { sent: 4, delivered: 6 },
      },
    ],
  ]);

  it("shows none of a single recipient, a pair that may be one person, or none", () => {
    for (const events of [
      [progress("delivered", 6, A)],
      [progress("delivered", 6, A), progress("delivered", 7, "1@lid")],
      [progress("delivered", 6), progress("delivered", 7, A)],
      [progress("delivered", 6)],
    ])
      expect(messageOf(recordOfEvents(events)).recipients).toBeUndefined();
  });

  it("shows each of several with where it stands and since when, also what its first status said before the second came", () => {
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
