import {
  CHAT_KINDS,
  contributionOf,
  hourOf,
  messageOf,
  newContribution,
  ORIGINS,
  type MessageRecord,
} from "@ticktally/core";
import { DIMENSIONS, GROUP_PAIRS, SERIES_COLUMNS, type Dimension } from "@ticktally/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COLUMNS, counted, labelled, PERIOD } from "../../../../tests/support/counted-groups.ts";
import { bucketStarts, zoneOf } from "./period.ts";

/** One count of a message. */
interface Fact {
  readonly column: string;
  /** The hours since 1970 of the event and of its message. */
  readonly hour: number;
  readonly messageHour: number;
  readonly is: Readonly<Partial<Record<Dimension, string | null>>>;
}

const REACHED = ["sent", "delivered", "read", "played"];

/** The expected counts of a message, for each of its labels, calculated without the code under test. */
function factsOf(record: MessageRecord): readonly Fact[] {
  const { standing, isAction } = contributionOf(record, newContribution());
  if (isAction) return [];
  const { at, type, failure, hasFailed, direction } = messageOf(record);
  const messageHour = hourOf(at);
  const chatKind = record.chatId === "" ? "unknown" : (CHAT_KINDS[record.chatKind] ?? "unknown");
  const shared = { direction, type, chatKind };
  if (direction === "incoming")
    return [
      {
        column: "received",
        hour: messageHour,
        messageHour,
        is: { ...shared, origin: null, status: null, label: null },
      },
    ];
  const origin = ORIGINS[record.origin] ?? "unknown";
  const own = { ...shared, origin };
  const facts: Fact[] = [{ column: "messages", hour: messageHour, messageHour, is: { ...own, status: null } }];
  REACHED.forEach((status, i) => {
    const reachedAt = standing.reachedAt[i + 2] ?? Infinity;
    if (reachedAt !== Infinity)
      facts.push({ column: status, hour: hourOf(reachedAt), messageHour, is: { ...own, status } });
  });
  if (hasFailed && failure !== undefined) {
    const { status, reason } = failure;
    facts.push({ column: status, hour: hourOf(failure.at), messageHour, is: { ...own, status, reason } });
  }
  const labels = record.labels.length === 0 ? [null] : record.labels.map((label) => `label ${String(label)}`);
  return labels.flatMap((label) => facts.map((fact) => ({ ...fact, is: { ...fact.is, label } })));
}

interface Query {
  readonly groupBy: readonly Dimension[];
  readonly filters: Readonly<Record<string, string>>;
  readonly cohort: "event" | "message";
}

const OF_MESSAGES = ["received", "messages", "sent"];

/** @returns count by group, bucket and column */
function naiveCounts(of: readonly MessageRecord[], { groupBy, filters, cohort }: Query, starts: readonly number[]) {
  const asked = [...groupBy, ...Object.keys(filters)];
  const isByLabel = asked.includes("label");
  const counts = new Map<string, number>();
  for (const record of of) {
    // Without grouping by label a message counts once, whatever its number of labels.
    const facts = factsOf(isByLabel ? record : { ...record, labels: [] });
    for (const { column, hour, messageHour, is } of facts) {
      if (asked.includes("reason") && is.reason === undefined) continue;
      if ((asked.includes("type") || asked.includes("chatKind")) && !OF_MESSAGES.includes(column)) continue;
      const fits = Object.entries(filters).every(
        ([dimension, value]) =>
          is[dimension as Dimension] === value || (dimension === "origin" && column === "received"),
      );
      if (!fits) continue;
      const at = cohort === "event" ? hour : messageHour;
      const bucket = starts.findLastIndex((start) => start <= at);
      const key = JSON.stringify(Object.fromEntries(groupBy.map((dimension) => [dimension, is[dimension] ?? null])));
      const cell = `${key} ${String(bucket)} ${column}`;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort());
}

function queriedCounts(of: readonly MessageRecord[], { groupBy, filters, cohort }: Query, starts: readonly number[]) {
  const query = { cohort, ...filters, ...(groupBy.length === 0 ? {} : { groupBy: groupBy.join() }) };
  const { keys, groups } = counted(of, query, starts);
  const counts = new Map<string, number>();
  keys.forEach((text, place) => {
    const key = JSON.parse(text) as Record<string, string | null>;
    const inOrder = JSON.stringify(Object.fromEntries(groupBy.map((dimension) => [dimension, key[dimension] ?? null])));
    Array.from(groups[place] ?? []).forEach((count, i) => {
      if (count !== 0)
        counts.set(`${inOrder} ${String(Math.floor(i / COLUMNS))} ${SERIES_COLUMNS[i % COLUMNS] ?? ""}`, count);
    });
  });
  return Object.fromEntries([...counts].sort());
}

const GROUPINGS: readonly (readonly Dimension[])[] = [
  [],
  ...DIMENSIONS.filter((dimension) => dimension !== "instance").map((dimension) => [dimension]),
  ...GROUP_PAIRS,
];
const FILTERS = [
  [["origin"], { origin: "api" }],
  [["status"], { origin: "phone" }],
  [["reason"], { status: "failed" }],
  [["status"], { reason: "other" }],
  [["label"], { status: "delivered" }],
  [["status"], { label: "label 2" }],
  [["reason"], { label: "label 1" }],
  [[], { label: "label 3" }],
  [[], { type: "text" }],
  [[], { chatKind: "group" }],
  [["origin"], { direction: "outgoing" }],
] as const satisfies readonly (readonly [readonly Dimension[], Record<string, string>])[];

const cases = [...GROUPINGS.map((groupBy) => [groupBy, {}] as const), ...FILTERS].flatMap(([groupBy, filters]) =>
  (["event", "message"] as const).map((cohort): Query => ({ groupBy, filters, cohort })),
);

describe("every cell of a series", () => {
  it.each(cases)("by $groupBy of $filters (cohort=$cohort) matches a naive count of the messages", (query) => {
    const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe");
    const step = fc.constantFrom("hour" as const, "day" as const, "week" as const, "month" as const, "total" as const);
    fc.assert(
      fc.property(labelled, zone, step, (of, tz, bucket) => {
        const starts = bucketStarts(PERIOD, bucket, zoneOf(tz));
        expect(queriedCounts(of, query, starts)).toEqual(naiveCounts(of, query, starts));
      }),
      { numRuns: 25 },
    );
  });
});
