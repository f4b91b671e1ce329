import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAT_KINDS } from "../chats/chat-id.ts";
import { contributionOf, hourOf, moveCounts, newContribution } from "./contribution.ts";
import { CounterChanges } from "./counter-changes.ts";
import { COUNTER_OF_SLOT } from "./counters.ts";
import { latencyBucket } from "./latency.ts";
import type { FailureEvent, MessageEvent, Observation, ProgressEvent } from "../messages/message-event.ts";
import { newRecord, type MessageRecord } from "../messages/message-record.ts";
import type { Progress } from "../messages/message-status.ts";
import { messageHistory } from "../testing/histories.ts";
import { recordOfEvents } from "../testing/record-of-events.ts";
import { sourceOfSlot } from "./timed-slots.ts";

const T = 1_790_000_000;
const HOUR = hourOf(T);
const [A, B] = ["79000000001@c.us", "79000000002@c.us"];
const base = { idMessage: "3EB0", origin: "api" } as const;
/** By default received at the time of the event, so that only latencies between statuses differ. */
const when = (after: number, wait = 0) => ({ at: T + after, receivedAt: T + after + wait });

function progress(status: Progress, after: number, more: Partial<ProgressEvent> = {}): ProgressEvent {
  return { ...base, kind: "status", status, ...when(after), ...more };
}

function failed(after: number, more: Partial<FailureEvent> = {}): FailureEvent {
  return { ...base, kind: "status", status: "failed", reason: "other", ...when(after), ...more };
}

function observed(after: number, more: Partial<Observation> = {}): Observation {
  return { ...base, kind: "observation", direction: "outgoing", type: "text", ...when(after), ...more };
}

/** All changes that are not 0: totals by counter, hourly counts by event time as `counter@hour`, chats by id. */
function taken(changes: CounterChanges): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  const nameOf = (slot: number) => COUNTER_OF_SLOT[slot] ?? `slot ${String(slot)}`;
  changes.takeTotals((slot, by) => (found[nameOf(slot)] = by));
  changes.takeTimes((time, slot, by) => {
    if (sourceOfSlot(slot) === "hours") found[`${nameOf(slot)}@${String(time - HOUR)}`] = by;
  });
  // The same id with two kinds is two chats.
  changes.takeChats(
    (chatId, kind, by) =>
      (found[CHAT_KINDS[kind] === "individual" ? chatId : `${CHAT_KINDS[kind] ?? ""} ${chatId}`] = by),
  );
  return found;
}

/** The changes of counts when the record `before` becomes `after`. */
function moved(before: MessageRecord, after: MessageRecord): Readonly<Record<string, number>> {
  const changes = new CounterChanges();
  moveCounts(contributionOf(before, newContribution()), contributionOf(after, newContribution()), changes);
  return taken(changes);
}

const nothing = newRecord("outgoing", "3EB0");
const contributed = (events: readonly MessageEvent[]) => moved(nothing, recordOfEvents(events));
const movedBy = (before: readonly MessageEvent[], event: MessageEvent) =>
  moved(recordOfEvents(before), recordOfEvents([...before, event]));

function latencies(counts: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(counts).filter(([counter]) => counter.startsWith("latency/")));
}

const wait = (stage: "sent_to_delivered" | "delivered_to_read" | "event_to_receipt", ...seconds: readonly number[]) => {
  const counts: Record<string, number> = {};
  for (const each of seconds) {
    const bucket = `latency/${stage}/${String(latencyBucket(each))}`;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const sum = seconds.reduce((all, each) => all + each, 0);
  return sum === 0 ? counts : { ...counts, [`latency/${stage}/sum`]: sum };
};

describe("the contribution of a message to the counts", () => {
  it("is nothing before its first event", () => {
    expect(moved(nothing, newRecord("outgoing", "3EB0"))).toEqual({});
  });

  it("is one message with its type, origin, chat and hour, and its statuses in their hours", () => {
    const events = [observed(0, { chatId: A, type: "image" }), progress("read", 7200, { chatId: A })];
    expect(contributed(events)).toEqual({
      "types/outgoing/image": 1,
      "messages/outgoing/api": 1,
      "messages/outgoing/api@0": 1,
      "chats/individual": 1,
      [A]: 1,
      "status/read": 1,
      "reached/api/sent": 1,
      "reached/api/sent@2": 1,
      "reached/api/delivered": 1,
      "reached/api/delivered@2": 1,
      "reached/api/read": 1,
      "reached/api/read@2": 1,
      ...wait("event_to_receipt", 0, 0),
    });
  });

  it("of a failed message is its failure with the reason and hour, and otherwise only sent", () => {
    const events = [progress("sent", 0), failed(3600, { reason: "timed_out" }), progress("delivered", 3601)];
    expect(contributed(events)).toMatchObject({
      "status/failed": 1,
      "reached/api/sent@0": 1,
      "reached/api/failed@1": 1,
      "failures/failed/timed_out": 1,
      "failures/failed/timed_out@1": 1,
      contradictions: 1,
    });
    expect(contributed(events)).not.toHaveProperty("reached/api/delivered");
  });

  it("of an incoming message has no status, and of an action only the action", () => {
    expect(contributed([observed(0, { direction: "incoming", origin: "unknown", chatId: A })])).toEqual({
      "types/incoming/text": 1,
      "messages/incoming/unknown": 1,
      "messages/incoming/unknown@0": 1,
      "chats/individual": 1,
      [A]: 1,
      ...wait("event_to_receipt", 0),
    });
    expect(contributed([observed(0, { type: "reaction", chatId: A }), progress("sent", 1), failed(2)])).toEqual({
      "actions/outgoing/reaction": 1,
      ...wait("event_to_receipt", 0, 0, 0),
    });
  });

  it("of a message in a forgotten chat has the kind, but no unique chat", () => {
    const counts = contributed([observed(0, { chatId: "@g.us", chatKind: "group" })]);
    expect(counts).toMatchObject({ "chats/group": 1 });
    expect(Object.keys(counts).filter((counter) => counter.includes("@g.us"))).toEqual([]);
  });

  it("has a price once, and changes if a status has another price", () => {
    const priced = progress("sent", 0, { price: { category: "other", type: "regular" } });
    expect(contributed([priced])).toMatchObject({ "prices/category/other": 1, "prices/type/regular": 1 });
    expect(movedBy([priced], progress("sent", 0, { price: { category: "utility", type: "regular" } }))).toEqual({
      "prices/category/other": -1,
      "prices/category/utility": 1,
    });
    const keys = Object.keys(contributed([progress("sent", 0)]));
    expect(keys.filter((key) => key.startsWith("prices/"))).toEqual([]);
  });

  it("changes by the new contribution minus the old one, for any events", () => {
    fc.assert(
      fc.property(messageHistory, fc.nat(), (events, cut) => {
        const [first] = events;
        const own = events.filter((event) => {
          return event.idMessage === first?.idMessage && (event.kind === "status" || event.direction === "outgoing");
        });
        const before = own.slice(0, cut % (own.length + 1));
        if (own.length === 0) return;
        const [then, now] = [before.length === 0 ? nothing : recordOfEvents(before), recordOfEvents(own)];
        const [changes, [was, is]] = [new CounterChanges(), [then, now].map((record) => moved(nothing, record))];
        moveCounts(contributionOf(then, newContribution()), contributionOf(now, newContribution()), changes);
        const differences = Object.keys({ ...was, ...is }).map((counter) => {
          return [counter, (is?.[counter] ?? 0) - (was?.[counter] ?? 0)] as const;
        });
        expect(taken(changes)).toEqual(Object.fromEntries(differences.filter(([, by]) => by !== 0)));
        // The reverse holds as well, so this is true for any two records of a message.
        if (before.length === 0) return;
        expect(moved(now, then)).toEqual(
          Object.fromEntries(differences.filter(([, by]) => by !== 0).map(([counter, by]) => [counter, -by])),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("the latencies of a message", () => {
  it("are from sent to delivered, from delivered to read, and from each stored time to its receipt", () => {
    const events = [
      observed(0, when(0, 3)),
      progress("sent", 1, when(1, 4)),
      progress("delivered", 11, when(11, 5)),
      progress("read", 111, when(111, 6)),
    ];
    expect(latencies(contributed(events))).toEqual({
      ...wait("sent_to_delivered", 10),
      ...wait("delivered_to_read", 100),
      ...wait("event_to_receipt", 3, 4, 5, 6),
    });
  });

  it("are 0 if a clock is behind", () => {
    const events = [progress("sent", 5, when(5, -2)), progress("delivered", 3, when(3, -1))];
    expect(latencies(contributed(events))).toEqual({
      ...wait("sent_to_delivered", 0),
      ...wait("event_to_receipt", 0, 0),
    });
  });

  it("do not include skipped statuses", () => {
    expect(latencies(contributed([progress("sent", 0), progress("read", 9)]))).toEqual(wait("event_to_receipt", 0, 0));
  });

  it("include only the receipts of a proof of delivery that does not count", () => {
    const events = [progress("sent", 0), failed(5), progress("delivered", 6)];
    expect(latencies(contributed(events))).toEqual(wait("event_to_receipt", 0, 0, 0));
  });

  it("of several recipients are between the earliest times of statuses that count", () => {
    const events = [
      progress("sent", 0),
      progress("delivered", 20, { chatId: A }),
      progress("delivered", 10, { chatId: B }),
      failed(5, { chatId: "79000000003@c.us" }),
      progress("delivered", 6, { chatId: "79000000003@c.us" }),
      progress("read", 40, { chatId: A }),
    ];
    expect(latencies(contributed(events))).toMatchObject({
      "latency/sent_to_delivered/sum": 10,
      "latency/delivered_to_read/sum": 30,
    });
  });

  it("change with a time", () => {
    const before = [progress("sent", 0, when(0, 7)), progress("delivered", 10)];
    const earlier = progress("sent", -20, when(-20, 100));
    expect(latencies(movedBy(before, earlier))).toEqual({
      [`latency/sent_to_delivered/${String(latencyBucket(10))}`]: -1,
      [`latency/sent_to_delivered/${String(latencyBucket(30))}`]: 1,
      "latency/sent_to_delivered/sum": 20,
      [`latency/event_to_receipt/${String(latencyBucket(7))}`]: -1,
      [`latency/event_to_receipt/${String(latencyBucket(100))}`]: 1,
      "latency/event_to_receipt/sum": 93,
    });
    expect(latencies(movedBy(before, progress("sent", 5)))).toEqual({});
  });

  it("use the earliest receipt of a repeated event", () => {
    const before = [progress("sent", 0, when(0, 7))];
    expect(latencies(movedBy(before, progress("sent", 0, when(0, 9))))).toEqual({});
    expect(latencies(movedBy(before, progress("sent", 0, when(0, 6))))).toMatchObject({
      "latency/event_to_receipt/sum": -1,
    });
  });

  it("do not include events without their own time", () => {
    const untimed = progress("delivered", 10, { untimed: true });
    const events = [progress("sent", 0), untimed, progress("read", 30)];
    expect(latencies(contributed(events))).toEqual(wait("event_to_receipt", 0, 0));
    expect(latencies(contributed([observed(0, { untimed: true })]))).toEqual({});
    // The same time from an event with its own time is used, in either order.
    for (const both of [
      [untimed, progress("delivered", 10)],
      [progress("delivered", 10), untimed],
    ])
      expect(latencies(contributed([progress("sent", 0), ...both]))).toMatchObject(wait("sent_to_delivered", 10));
  });

  it("do not change for any events if they are frozen", () => {
    const frozen = (events: readonly MessageEvent[]) => {
      return { ...recordOfEvents(events), hasFrozenLatencies: true };
    };
    const before = [progress("sent", 0), progress("delivered", 10)];
    expect(latencies(moved(nothing, frozen(before)))).toEqual({});
    for (const event of [progress("sent", -20), progress("read", 20), failed(5)])
      expect(latencies(moved(frozen(before), frozen([...before, event])))).toEqual({});
  });
});
