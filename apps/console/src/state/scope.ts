import { computed } from "@preact/signals";
import { choice } from "./location.ts";

/** What all pages are about: which instances, what period, in which zone, compared with what. All of it is in the address. */

export const RANGES = {
  today: "Today",
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  own: "Own period",
} as const;
export type Range = keyof typeof RANGES;

export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const timeZone = computed(() => choice("tz") ?? OWN_ZONE);
/** Names separated by commas, or `all`. */
export const instances = computed(() => choice("instances") ?? "all");
export const range = computed<Range>(() => {
  const given = choice("range") ?? "7d";
  return given in RANGES ? (given as Range) : "7d";
});

export interface Period {
  /** As the api takes it: a date or a time, in the chosen zone. */
  readonly from: string;
  readonly to: string;
  readonly step: "hour" | "day";
}

/** The period that is shown, and the one it is compared with. @param now Unix ms */
export function periodOf(now: number): Period {
  const zone = timeZone.value;
  switch (range.value) {
    case "today":
      return { from: dateIn(zone, now), to: dateIn(zone, now + DAY_MS), step: "hour" };
    case "24h":
      return { from: hourOf(now - DAY_MS + HOUR_MS), to: hourOf(now + HOUR_MS), step: "hour" };
    case "7d":
      return { from: dateIn(zone, now - 6 * DAY_MS), to: dateIn(zone, now + DAY_MS), step: "day" };
    case "30d":
      return { from: dateIn(zone, now - 29 * DAY_MS), to: dateIn(zone, now + DAY_MS), step: "day" };
    case "own": {
      const from = choice("from") ?? dateIn(zone, now - 6 * DAY_MS);
      const to = choice("to") ?? dateIn(zone, now + DAY_MS);
      return { from, to, step: Date.parse(to) - Date.parse(from) <= 3 * DAY_MS ? "hour" : "day" };
    }
  }
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The date of an instant in a zone, `2026-11-26`. */
function dateIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    at,
  );
}

/** Unix seconds of the full hour that an instant lies in. */
function hourOf(at: number): string {
  return String(Math.floor(at / HOUR_MS) * 3_600);
}
