import {
  contributionOf,
  COUNT_SOURCES,
  hourOf,
  messageOf,
  messageTime,
  newContribution,
  ORIGINS,
  REACHED_STATUSES,
} from "@ticktally/core";
import { DIMENSIONS, GROUP_PAIRS, SERIES_COLUMNS, seriesQuery, type Dimension } from "@ticktally/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COLUMNS, counted, labelled, PERIOD, records, type Counted } from "../../../../tests/support/counted-groups.ts";
import { bucketStarts, zoneOf } from "./period.ts";
import { dimensionsOf } from "./dimensions.ts";
import { targetsOf } from "./targets.ts";

/** The sum over all groups, by bucket and column. */
function summed({ groups }: Counted, length: number): readonly number[] {
  return Array.from({ length }, (_, i) => groups.reduce((sum, cells) => sum + (cells[i] ?? 0), 0));
}

const COLUMNS_OF: Partial<Record<Dimension, readonly string[]>> = {
  reason: ["failed", "noAccount", "notInGroup", "noActiveSession"],
  type: ["received", "sent", "messages"],
  chatKind: ["received", "sent", "messages"],
};

const groupings = [
  ...DIMENSIONS.filter((dimension) => dimension !== "instance").map((dimension) => [dimension] as Dimension[]),
  ...GROUP_PAIRS.map((pair) => [...pair] as Dimension[]),
];

describe("counts in groups", () => {
  it.each(
    groupings.flatMap((groupBy) => (["event", "message"] as const).map((cohort) => [groupBy.join(), cohort] as const)),
  )("by %s (cohort=%s) sum up to the counts without groups, in every bucket", (groupBy, cohort) => {
    const columns = groupBy.split(",").flatMap((dimension) => COLUMNS_OF[dimension as Dimension] ?? []);
    const tz = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe");
    const step = fc.constantFrom("hour" as const, "day" as const, "week" as const, "month" as const, "total" as const);
    fc.assert(
      fc.property(records, tz, step, (of, zone, bucket) => {
        const starts = bucketStarts(PERIOD, bucket, zoneOf(zone));
        const length = starts.length * COLUMNS;
        const all = summed(counted(of, { cohort }, starts), length);
        const sum = summed(counted(of, { cohort, groupBy }, starts), length);
        const wrong = sum.flatMap((count, i) => {
          const column = SERIES_COLUMNS[i % COLUMNS] ?? "sent";
          const expected = columns.length === 0 || columns.includes(column) ? all[i] : 0;
          return count === expected ? [] : [{ column, bucket: Math.floor(i / COLUMNS), count, expected }];
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("by the hour of their message match a fold over the messages", () => {
    const starts = bucketStarts(PERIOD, "hour", zoneOf("UTC"));
    fc.assert(
      fc.property(records, (of) => {
        const byHand = new Map<string, number>();
        for (const record of of) {
          const { standing, isAction, direction } = contributionOf(record, newContribution());
          if (isAction || direction === 0) continue;
          const bucket = hourOf(messageTime(record)) - PERIOD.fromHour;
          const { failure } = messageOf(record);
          const reached: string[] = ["sent", "delivered", "read", "played"].filter(
            (_, i) => (standing.reachedAt[i + 2] ?? Infinity) !== Infinity,
          );
          if (failure !== undefined && messageOf(record).hasFailed) reached.push(failure.status);
          const origin = ORIGINS[record.origin] ?? "unknown";
          for (const status of reached) {
            const key = `${origin} ${status} ${String(bucket)}`;
            byHand.set(key, (byHand.get(key) ?? 0) + 1);
          }
        }
        const { keys, groups } = counted(of, { cohort: "message", groupBy: "origin,status" }, starts);
        const found = new Map<string, number>();
        keys.forEach((key, place) => {
          const { origin, status } = JSON.parse(key) as { origin: string; status: string | null };
          if (status === null) return;
          const column = SERIES_COLUMNS.findIndex((name) => name === status);
          for (let bucket = 0; bucket < starts.length; bucket++) {
            const count = groups[place]?.[bucket * COLUMNS + column] ?? 0;
            if (count !== 0) found.set(`${origin} ${status} ${String(bucket)}`, count);
          }
        });
        expect(Object.fromEntries([...found].sort())).toEqual(Object.fromEntries([...byHand].sort()));
      }),
      { numRuns: 300 },
    );
  });
});

describe("counts of labels", () => {
  const cases = (["label", "label,status", "label,reason"] as const).flatMap((groupBy) =>
    (["event", "message"] as const).map((cohort) => [groupBy, cohort] as const),
  );

  it.each(cases)(
    "by %s (cohort=%s) match the messages with each label, and those without labels",
    (groupBy, cohort) => {
      const starts = bucketStarts(PERIOD, "day", zoneOf("Europe/Berlin"));
      const rest = groupBy.split(",").slice(1).join();
      fc.assert(
        fc.property(labelled, (of) => {
          const found = new Map<string, Record<string, number[]>>();
          const { keys, groups } = counted(of, { cohort, groupBy }, starts);
          keys.forEach((name, i) => {
            const { label, ...key } = JSON.parse(name) as { label: string | null };
            const cells = Array.from(groups[i] ?? []);
            if (cells.every((count) => count === 0)) return;
            found.set(label ?? "", { ...found.get(label ?? ""), [JSON.stringify(key)]: cells });
          });
          for (const label of [0, 1, 2, 3]) {
            const own = of.filter(({ labels }) => (label === 0 ? labels.length === 0 : labels.includes(label)));
            const unlabelled = own.map((record) => ({ ...record, labels: [] }));
            const alone = counted(unlabelled, { cohort, ...(rest === "" ? {} : { groupBy: rest }) }, starts);
            const expected = alone.keys.flatMap((key, i) => {
              const cells = Array.from(alone.groups[i] ?? []);
              return cells.every((count) => count === 0) ? [] : [[key, cells] as const];
            });
            const name = label === 0 ? "" : `label ${String(label)}`;
            expect({ ...found.get(name) }).toEqual(Object.fromEntries(expected));
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it("with a filter are those of the group", () => {
    const starts = bucketStarts(PERIOD, "total", zoneOf("UTC"));
    fc.assert(
      fc.property(labelled, (of) => {
        const { keys, groups } = counted(of, { groupBy: "label" }, starts);
        const group = groups[keys.indexOf(JSON.stringify({ label: "label 2" }))];
        const { groups: alone } = counted(of, { label: "label 2" }, starts);
        expect(Array.from(alone[0] ?? [])).toEqual(Array.from(group ?? []));
      }),
      { numRuns: 60 },
    );
  });
});

describe("a query", () => {
  it.each([
    ["origin", { type: "text" }],
    ["instance,type", { origin: "api" }],
    ["origin,reason", {}],
    ["direction,status", {}],
    ["status,reason", { origin: "api" }],
    ["type,chatKind", {}],
  ])("cannot be %s with %j, and the error lists what is possible", (groupBy, filters) => {
    const ask = () => dimensionsOf(seriesQuery.parse({ groupBy, ...filters }));
    expect(ask).toThrow(
      /instance with any other, direction × origin, origin × status, status × reason, label × status, label × reason/,
    );
  });

  it.each([
    ["instance,reason", {}],
    ["instance,status", { origin: "phone" }],
    ["instance", { status: "failed", reason: "other" }],
    ["status", { status: "sent" }],
    ["chatKind", {}],
  ])("can be %s with %j", (groupBy, filters) => {
    expect(dimensionsOf(seriesQuery.parse({ groupBy, ...filters })).groupBy).toEqual(groupBy.split(","));
  });

  it("with a filter reads only the cells of the matching groups", () => {
    for (const status of REACHED_STATUSES) {
      const { keys } = targetsOf(dimensionsOf(seriesQuery.parse({ groupBy: "status", status })), "event");
      expect(keys).toEqual([{ status }]);
    }
  });

  it("reads only the keys that have its counts", () => {
    const sourcesOf = (query: Record<string, string>) => {
      const asked = seriesQuery.parse(query);
      return targetsOf(dimensionsOf(asked), asked.cohort).sources;
    };
    expect(sourcesOf({})).toEqual(["hours"]);
    expect(sourcesOf({ groupBy: "type" })).toEqual(["kinds"]);
    expect(sourcesOf({ cohort: "message" })).toEqual(["hours", "cohorts"]);
    expect(COUNT_SOURCES).toContain("latencies");
  });
});
