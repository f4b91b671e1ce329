import fc from "fast-check";
import { Info } from "luxon";
import { describe, expect, it } from "vitest";
import { ApiError } from "../http/api-error.ts";
import { bucketStarts, hourText, momentOf, periodOf, zoneOf } from "./period.ts";

const berlin = zoneOf("Europe/Berlin");
/** 2026-11-21T11:37:05Z */
const NOW = Date.UTC(2026, 10, 21, 11, 37, 5) / 1000;
const hour = (iso: string) => Date.parse(iso) / 3_600_000;
const of = (from?: string, to?: string, zone = berlin) => periodOf({ from, to }, zone, NOW, { days: 30 });

describe("bucketStarts", () => {
  const zones = fc.constantFrom("UTC", ...Intl.supportedValuesOf("timeZone"));
  // Until 2011 Newfoundland set its clocks back at 00:01, so that one day began twice.
  const periods = fc
    .record({
      fromHour: fc.integer({ min: hour("2012-01-01"), max: hour("2040-01-01") }),
      hours: fc.integer({ min: 1, max: 2000 }),
    })
    .map(({ fromHour, hours }) => ({ fromHour, toHour: fromHour + hours }));

  it("starts a day in each hour that contains a midnight of the zone, and nowhere else", () => {
    fc.assert(
      fc.property(periods, zones, (period, tz) => {
        const format = new Intl.DateTimeFormat("en", { timeZone: tz, dateStyle: "short" });
        const dateBefore = (hours: number) => format.format(hours * 3_600_000 - 1);
        const expected = [period.fromHour];
        for (let at = period.fromHour + 1; at < period.toHour; at++)
          if (dateBefore(at) !== dateBefore(at + 1)) expected.push(at);
        expect(bucketStarts(period, "day", Info.normalizeZone(tz))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("covers the period with hours", () => {
    fc.assert(
      fc.property(periods, ({ fromHour, toHour }) => {
        const starts = bucketStarts({ fromHour, toHour }, "hour", berlin);
        expect(starts.map((start, i) => start - i)).toEqual(starts.map(() => fromHour));
        expect(starts).toHaveLength(toHour - fromHour);
      }),
    );
  });

  it("ends with the largest possible date", () => {
    const last = hour("+275760-09-13T00:00:00Z");
    const starts = bucketStarts({ fromHour: last - 30, toHour: last }, "day", zoneOf("America/New_York"));
    expect(starts).toEqual([last - 30, last - 20]);
  });

  it("has 23 or 25 hours on days with a clock change", () => {
    const lengths = (from: string, to: string) => {
      const period = of(from, to);
      const starts = bucketStarts(period, "day", berlin);
      return starts.map((start, i) => (starts[i + 1] ?? period.toHour) - start);
    };
    expect(lengths("2026-03-28", "2026-03-31")).toEqual([24, 23, 24]);
    expect(lengths("2026-10-24", "2026-10-27")).toEqual([24, 25, 24]);
  });
});

describe("periodOf", () => {
  it.each([
    ["2026-10-01", "2026-11-01", "2026-09-30T22:00Z", "2026-10-31T23:00Z"],
    ["2026-10-01T08:00", "2026-10-01T10:00", "2026-10-01T06:00Z", "2026-10-01T08:00Z"],
    ["2026-10-01T08:00:00Z", "2026-10-01T10:59:59.999Z", "2026-10-01T08:00Z", "2026-10-01T11:00Z"],
    ["2026-10-01", "2026-10-31T23:59:59", "2026-09-30T22:00Z", "2026-10-31T23:00Z"],
    ["2026-10-01T08:10", "2026-10-01T08:50", "2026-10-01T06:00Z", "2026-10-01T07:00Z"],
    ["2026-10-01T08:00:00-04:00", "2026-10-01T08:00:00-05:00", "2026-10-01T12:00Z", "2026-10-01T13:00Z"],
    ["1790812800", "1790899200", "2026-10-01T00:00Z", "2026-10-02T00:00Z"],
    ["20261001", "2026-W41-1", "2026-09-30T22:00Z", "2026-10-04T22:00Z"],
    ["2026-11-20", "2026-11-21T12:00", "2026-11-19T23:00Z", "2026-11-21T11:00Z"],
    ["2026-11-20", "2026-11-21T12:10", "2026-11-19T23:00Z", "2026-11-21T12:00Z"],
    ["2026-11-20", "2026-11-21T12:37", "2026-11-19T23:00Z", "2026-11-21T12:00Z"],
  ])("parses from %s to %s as %s to %s", (from, to, expectedFrom, expectedTo) => {
    expect(of(from, to)).toEqual({ fromHour: hour(expectedFrom), toHour: hour(expectedTo) });
  });

  it("accepts an offset whose plus was decoded as a space", () => {
    expect(momentOf("from", "2026-10-01T08:00:00 02:00", zoneOf("UTC"))).toBe(Date.UTC(2026, 9, 1, 6) / 1000);
  });

  it("is never empty, even if a full hour of the zone is within a UTC hour", () => {
    const kolkata = zoneOf("Asia/Kolkata");
    const expected = { fromHour: hour("2026-10-01T05:00Z"), toHour: hour("2026-10-01T06:00Z") };
    expect(of("2026-10-01T10:45", "2026-10-01T11:00", kolkata)).toEqual(expected);
  });

  it.each(["UTC", "Asia/Kolkata"])("contains the current second, even if an hour of %s begins with it", (tz) => {
    for (const now of ["2026-11-21T11:00:00Z", "2026-11-21T11:30:00Z"]) {
      const { toHour } = periodOf({}, zoneOf(tz), Date.parse(now) / 1000, { days: 30 });
      expect(toHour).toBe(hour("2026-11-21T12:00Z"));
    }
  });

  it("is by default the last 30 days including the current hour", () => {
    expect(of()).toEqual({ fromHour: hour("2026-10-22T11:00Z"), toHour: hour("2026-11-21T12:00Z") });
  });

  it("contains the whole requested period", () => {
    const seconds = fc.integer({ min: NOW - 10_000_000, max: NOW });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 1_000_000 }), (from, length) => {
        const { fromHour, toHour } = of(String(from), String(from + length));
        expect(fromHour * 3600).toBeLessThanOrEqual(from);
        expect(toHour * 3600).toBeGreaterThanOrEqual(from + length);
      }),
    );
  });

  it("joins adjacent days and hours, in every zone", () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
    const moments = fc.tuple(fc.integer({ min: 1, max: 28 }), fc.integer({ min: 0, max: 23 })).map(([day, at]) => {
      return `2026-07-${String(day).padStart(2, "0")}T${String(at).padStart(2, "0")}:00`;
    });
    fc.assert(
      fc.property(zones, moments, (tz, between) => {
        const zone = zoneOf(tz);
        expect(of("2020-01-01", between, zone).toHour).toBe(of(between, undefined, zone).fromHour);
      }),
    );
  });

  it.each([
    ["yesterday", "2026-10-01"],
    ["2026-13-01", "2026-10-01"],
    ["1790812800000", undefined],
    ["2026-10-01T25:00", undefined],
    ["2026-10-01T10:00+15:00", undefined],
    ["2026-10-01T10:00:00-99", undefined],
    ["", undefined],
    ["+275760-09-12", "+275760-09-13"],
    ["-000001-01-01", "2026-10-01"],
    ["2026-10-02", "2026-10-01"],
    ["2026-10-01", "2026-10-01"],
    ["2026-10-01T08:50", "2026-10-01T08:10"],
    ["2027-10-01", undefined],
  ])("refuses from %j to %j, and says why", (from, to) => {
    expect(() => of(from, to)).toThrow(ApiError);
    expect(() => of(from, to)).toThrow(/must be/);
  });
});

describe("a zone", () => {
  it.each(["Europe/Atlantis", "local", "system", "+02:00", "", "UTC+2", "UTC\u0000"])("%j is refused", (tz) => {
    expect(() => zoneOf(tz)).toThrow(/IANA/);
  });

  it("shows the exact start of a day that begins within a UTC hour", () => {
    const kolkata = zoneOf("Asia/Kolkata");
    const { fromHour } = of("2026-10-01", "2026-10-02", kolkata);
    expect(hourText(fromHour, kolkata)).toBe("2026-09-30T23:30:00.000+05:30");
    expect(hourText(fromHour, zoneOf("UTC"))).toBe("2026-09-30T18:00:00.000Z");
  });
});
