const LANGUAGE = globalThis.navigator.language;

/** A moment as an axis shows it: the hour, or the day. @param at Unix seconds */
export function axisTime(at: number, timeZone: string, isByHour: boolean): string {
  const date = new Date(at * 1_000);
  // Over several days, midnight shows the date instead of the hour.
  const isMidnight =
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(date) === "00:00";
  return isByHour && !isMidnight
    ? new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit", timeZone }).format(date)
    : new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", timeZone }).format(date);
}

/** A moment as shown in a row of a table. @param at Unix seconds */
export function rowTime(at: number, timeZone: string, isByHour: boolean): string {
  const date = new Date(at * 1_000);
  return new Intl.DateTimeFormat(LANGUAGE, {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone,
    ...(isByHour ? { hour: "2-digit", minute: "2-digit" } : {}),
  }).format(date);
}
