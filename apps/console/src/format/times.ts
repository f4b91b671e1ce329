const LANGUAGE = globalThis.navigator.language;

/** "2 min 10 s": the two largest units. @param seconds at least 0 */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const total = Math.max(0, Math.round(seconds));
  if (seconds > 0 && seconds < 1) return "< 1 s";
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => total >= size);
  if (first === -1) return "0 s";
  let rest = total;
  return units
    .slice(first, first + 2)
    .flatMap(([name, size]) => {
      const amount = Math.floor(rest / size);
      rest -= amount * size;
      return amount === 0 ? [] : [`${String(amount)} ${name}`];
    })
    .join(" ");
}

/** "14:03", "yesterday 09:12", "12 Nov, 09:12": as short as possible, in the chosen zone. */
export function time(at: Date, timeZone: string, { withSeconds = false, now = new Date() } = {}): string {
  const clock = new Intl.DateTimeFormat(LANGUAGE, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    ...(withSeconds ? { second: "2-digit" as const } : {}),
  }).format(at);
  const days = Math.round((dayNumber(now, timeZone) - dayNumber(at, timeZone)) / 86_400_000);
  if (days === 0) return clock;
  if (days === 1) return `yesterday ${clock}`;
  const withYear = now.getTime() - at.getTime() > 300 * 86_400_000;
  const day = new Intl.DateTimeFormat(LANGUAGE, {
    day: "numeric",
    month: "short",
    timeZone,
    ...(withYear ? { year: "numeric" as const } : {}),
  }).format(at);
  return `${day}, ${clock}`;
}

/** The full date and time, for tooltips. */
export function fullTime(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "full", timeStyle: "long", timeZone }).format(at);
}

/** Midnight of an instant's day, as if the zone were UTC; only for differences between days. */
function dayNumber(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZone,
  }).format(at);
  return Date.parse(`${parts}T00:00:00Z`);
}
