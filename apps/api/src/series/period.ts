import { hourOf } from "@ticktally/core";
import type { SeriesStep } from "@ticktally/schemas";
import { DateTime, Info, type DurationLike, type Zone } from "luxon";
import { ApiError } from "../http/api-error.ts";

/** How long counts by hour are kept. */
export const HOURS_KEPT = 400 * 24;

/** Whole UTC hours, because counts are kept by hour: hours since 1970, `toHour` exclusive. */
export interface Period {
  readonly fromHour: number;
  readonly toHour: number;
}

export interface AskedPeriod {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** @throws {ApiError} bad_request */
export function zoneOf(tz: string): Zone {
  // Which offsets `Intl` takes for zones depends on the version of Node.
  if (/^[a-z]/i.test(tz) && Info.isValidIANAZone(tz)) return Info.normalizeZone(tz);
  throw new ApiError("bad_request", "`tz` must be a time zone by its IANA name, such as Europe/Berlin or UTC.");
}

/**
 * The requested period, widened to whole hours: a query up to 23:59:59 includes the last hour. An end on a whole hour of the zone is
 * rounded down like a beginning, so adjacent days and months stay adjacent in zones with half-hour offsets.
 * @param now Unix seconds
 * @param unasked how far before the end it begins by default
 * @throws {ApiError} bad_request
 */
export function periodOf({ from, to }: AskedPeriod, zone: Zone, now: number, unasked: DurationLike): Period {
  const end = to === undefined ? now : momentOf("to", to, zone);
  // Include the current second.
  const toHour = to !== undefined && isWholeHour(end, zone) ? hourOf(end) : hourOf(end) + 1;
  const start = from === undefined ? atHour(toHour, zone).minus(unasked).toSeconds() : momentOf("from", from, zone);
  const fromHour = hourOf(start);
  if (start < end) return { fromHour, toHour: Math.max(toHour, fromHour + 1) };
  throw new ApiError("bad_request", "`from` must be before `to`.");
}

function isWholeHour(seconds: number, zone: Zone): boolean {
  const { minute, second } = DateTime.fromSeconds(seconds, { zone });
  return minute === 0 && second < 1;
}

/** @returns Unix seconds @throws {ApiError} bad_request */
export function momentOf(name: string, text: string, zone: Zone): number {
  if (/^\d{9,10}$/.test(text)) return Number(text);
  // The plus sign of an offset arrives as a space if it was not encoded.
  const iso = text.includes("T") ? text.replace(/ (\d\d(?::?\d\d)?)$/, "+$1") : text;
  const moment = DateTime.fromISO(iso, { zone });
  const time = iso.includes("T") ? iso.slice(iso.indexOf("T")) : "";
  if (moment.isValid && moment.year >= 1 && moment.year <= 9999 && !NO_OFFSET.test(time))
    return Math.floor(moment.toSeconds());
  throw new ApiError(
    "bad_request",
    `\`${name}\` must be a date (2026-10-01), a date and time (2026-10-01T08:00:00+02:00; without an offset it is in \`tz\`) or Unix seconds.`,
  );
}

/** No time zone is more than 14 hours from UTC. */
const NO_OFFSET = /[+-](?:1[5-9]|[2-9]\d)(?::?\d\d)?$/;

/**
 * Where the buckets of a period begin, in hours since 1970, ascending: together they cover it without gap or overlap. Days
 * follow the zone, so some have 23 or 25 hours; weeks begin on Monday; the first and last may be cut by the period.
 */
export function bucketStarts({ fromHour, toHour }: Period, step: SeriesStep, zone: Zone): readonly number[] {
  if (step === "hour") return Array.from({ length: toHour - fromHour }, (_, i) => fromHour + i);
  const starts = [fromHour];
  if (step === "total") return starts;
  // Luxon's weeks are those of ISO 8601.
  let start = atHour(fromHour, zone).startOf(step);
  for (;;) {
    start = start.plus({ [step]: 1 }).startOf(step);
    const hour = hourOf(start.toSeconds());
    // Written so that it terminates even at the last valid date.
    if (!(hour < toHour)) return starts;
    if (hour > (starts.at(-1) ?? 0)) starts.push(hour);
  }
}

/** The minimum number of buckets of a period, without computing them. */
export function bucketsAtLeast({ fromHour, toHour }: Period, step: SeriesStep): number {
  return step === "total" ? 1 : Math.ceil((toHour - fromHour) / HOURS_AT_MOST[step]);
}

const HOURS_AT_MOST = { hour: 1, day: 25, week: 7 * 24 + 1, month: 31 * 24 + 1 } as const;

/** Format the beginning of an hour as local time with its offset. */
export function hourText(hour: number, zone: Zone): string {
  return atHour(hour, zone).toISO() ?? "";
}

function atHour(hour: number, zone: Zone): DateTime {
  return DateTime.fromSeconds(hour * 3600, { zone });
}
