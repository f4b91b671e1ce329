import { ORIGINS, REACHED_STATUSES, type Counter, type Counts } from "@ticktally/core";
import { series } from "@ticktally/schemas";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bucketStarts, zoneOf } from "./period.ts";
import { added, bucketCounts, seriesView } from "./series-view.ts";

const FROM = 495_000;
const counters: Counter[] = [
  "messages/incoming/unknown",
  "messages/outgoing/api",
  "failures/failed/other",
  ...ORIGINS.flatMap((origin) => REACHED_STATUSES.map((status): Counter => `reached/${origin}/${status}`)),
];
const anyHours = fc
  .array(
    fc.record({
      hour: fc.nat({ max: 400 }),
      counter: fc.constantFrom(...counters),
      by: fc.integer({ min: 1, max: 9 }),
    }),
  )
  .map((rows) => {
    const hours = new Map<number, Map<Counter, number>>();
    for (const { hour, counter, by } of rows) {
      const counts = hours.get(FROM + hour) ?? new Map<Counter, number>();
      hours.set(FROM + hour, counts.set(counter, (counts.get(counter) ?? 0) + by));
    }
    return hours;
  });

it("counts every hour of the period once, whatever the step and the zone, and nothing beyond", () => {
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe");
  const property = fc.property(
    fc.array(anyHours, { minLength: 1, maxLength: 3 }),
    fc.record({ fromHour: fc.nat({ max: 200 }), hours: fc.integer({ min: 1, max: 300 }) }),
    fc.constantFrom("hour" as const, "day" as const),
    zones,
    fc.option(fc.constantFrom(...ORIGINS), { nil: undefined }),
    (instances, { fromHour, hours }, step, tz, origin) => {
      const zone = zoneOf(tz);
      const period = { fromHour: FROM + fromHour, toHour: FROM + fromHour + hours };
      const starts = bucketStarts(period, step, zone);
      const buckets = instances.map((of) => bucketCounts(of, period, starts, origin)).reduce(added);
      const request = { instance: "a", period, step, tz, zone, nowHour: period.toHour };
      const view = series.parse(seriesView(request, starts, buckets));
      const within = instances.flatMap((of) => [...of]).filter(([at]) => at >= period.fromHour && at < period.toHour);
      const sumOf = (counter: Counter) =>
        within.reduce((sum, [, counts]: [number, Counts]) => sum + (counts.get(counter) ?? 0), 0);
      expect(view.totals.received).toBe(sumOf("messages/incoming/unknown"));
      for (const status of REACHED_STATUSES) {
        const expected = ORIGINS.filter((word) => origin === undefined || word === origin)
          .map((word) => sumOf(`reached/${word}/${status}`))
          .reduce((a, b) => a + b);
        expect(view.totals[status]).toBe(expected);
        expect(view.points.reduce((sum, point) => sum + point[status], 0)).toBe(expected);
      }
    },
  );
  fc.assert(property, { numRuns: 200 });
});
