import { computed } from "@preact/signals";
import { choice } from "./location.ts";

/** The scope of all pages: instances, period, time zone and comparison. All of it is in the address. */

export const RANGES = { today: "Today", "24h": "24 hours", "7d": "7 days", "30d": "30 days" } as const;
type Range = keyof typeof RANGES | "own";

export const COMPARISONS = { before: "vs. period before", week: "vs. last week", none: "No comparison" } as const;
type Comparison = keyof typeof COMPARISONS;

export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const timeZone = computed(() => choice("tz") ?? OWN_ZONE);
/** Names separated by commas, or `all`. */
export const instances = computed(() => choice("instances") ?? "all");
export const range = computed<Range>(() => {
  const given = choice("range") ?? "7d";
  return given in RANGES || given === "own" ? (given as Range) : "7d";
});
export const comparison = computed<Comparison>(() => {
  const given = choice("compare") ?? "before";
  return given in COMPARISONS ? (given as Comparison) : "before";
});

export interface Period {
  /** As the api expects it: a date or a time, in the chosen zone. */
  readonly from: string;
  readonly to: string;
  readonly step: "hour" | "day";
  /** The whole period, whose end may be in the future. */
  readonly days: number;
}

/** The period that is shown. @param now Unix ms */
export function periodOf(now: number): Period {
  const zone = timeZone.value;
  switch (range.value) {
    case "today":
      return { from: dateIn(zone, now), to: dateAfter(zone, now), step: "hour", days: 1 };
    case "24h":
      return { from: hourOf(now - DAY_MS + HOUR_MS), to: hourOf(now + HOUR_MS), step: "hour", days: 1 };
    case "7d":
      return { from: dateIn(zone, now - 6 * DAY_MS), to: dateAfter(zone, now), step: "day", days: 7 };
    case "30d":
      return { from: dateIn(zone, now - 29 * DAY_MS), to: dateAfter(zone, now), step: "day", days: 30 };
    case "own":
      return ownPeriod(zone, now);
  }
}

/** Longer ones have more hours than an answer may have points. */
const OWN_DAYS_MAX = 400;

function ownPeriod(zone: string, now: number): Period {
  const from = choice("from") ?? dateIn(zone, now - 6 * DAY_MS);
  const given = choice("to") ?? dateAfter(zone, now);
  const to = instantOf(given) > instantOf(from) ? given : nextOf(from);
  const days = Math.min(OWN_DAYS_MAX, (instantOf(to) - instantOf(from)) / DAY_MS);
  return { from, to, step: days <= 3 ? "hour" : "day", days };
}

/** The period to compare with, up to the same point as the current one; `undefined` if none. */
export function comparedPeriodOf(period: Period, now: number): Pick<Period, "from" | "to"> | undefined {
  if (comparison.value === "none") return undefined;
  const days =
    comparison.value === "week" ? Math.max(7, Math.ceil(period.days / 7) * 7) : Math.max(1, Math.ceil(period.days));
  return { from: shifted(period.from, days), to: shifted(period.to, days, now) };
}

/** Shifted by days. A date stays a date, so it begins at midnight despite clock changes; the end is not later than the same moment then. */
function shifted(edge: string, days: number, notAfter?: number): string {
  const at = instantOf(edge);
  if (notAfter !== undefined && at > notAfter) return hourOf(notAfter - days * DAY_MS + HOUR_MS);
  if (/^\d{4}-\d\d-\d\d$/.test(edge)) return new Date(at - days * DAY_MS).toISOString().slice(0, 10);
  return String(Math.floor((at - days * DAY_MS) / 1_000));
}

/** Unix ms; a date is read as UTC, which is precise enough to compare lengths. */
export function instantOf(edge: string): number {
  return /^\d+$/.test(edge) ? Number(edge) * 1_000 : Date.parse(edge);
}

function nextOf(edge: string): string {
  const at = instantOf(edge) + DAY_MS;
  return /^\d+$/.test(edge) ? String(at / 1_000) : new Date(at).toISOString().slice(0, 10);
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The date of an instant in a zone, `2026-11-26`. */
export function dateIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    at,
  );
}

function dateAfter(zone: string, at: number): string {
  return new Date(Date.parse(dateIn(zone, at)) + DAY_MS).toISOString().slice(0, 10);
}

/** Unix seconds of the beginning of an instant's hour. */
export function hourOf(at: number): string {
  return String(Math.floor(at / HOUR_MS) * 3_600);
}

/** Whether an instance is one of those that are shown. */
export function isChosen({ name, idInstance }: { readonly name: string; readonly idInstance: string }): boolean {
  if (instances.value === "all") return true;
  const chosen = instances.value.split(",").map((one) => one.trim());
  return chosen.includes(name) || chosen.includes(idInstance);
}
