/** What an instance did in an hour. */
export interface HourCounts {
  /** All failures but noAccount. */
  readonly failed: number;
  /** Sent, or failed in any way. */
  readonly tried: number;
  /** Messages and statuses. */
  readonly activity: number;
}

/** The 24 hours that ended an hour ago. With fewer than six of them active, nothing is called usual. */
const [DAY_HOURS, USUAL_HOURS_MIN] = [24, 6];
const WEEK_HOURS = 168;

/** The first and the last hour that {@link usualFailureRatio} needs, in hours since 1970. */
export function ratioHours(minute: number): readonly [from: number, to: number] {
  const end = Math.floor(minute / 60) - 1;
  return [end - DAY_HOURS, end - 1];
}

/**
 * The median hourly share of failures. A problem that lasts a few hours does not move it.
 * @param hourOf hours since 1970; `undefined`: nothing is counted
 */
export function usualFailureRatio(
  minute: number,
  hourOf: (hour: number) => HourCounts | undefined,
): number | undefined {
  const [from, to] = ratioHours(minute);
  const ratios: number[] = [];
  for (let hour = from; hour <= to; hour++) {
    const { failed, tried } = hourOf(hour) ?? NOTHING;
    if (tried > 0) ratios.push(failed / tried);
  }
  if (ratios.length < USUAL_HOURS_MIN) return undefined;
  ratios.sort((a, b) => a - b);
  const [low, high] = [ratios[Math.floor((ratios.length - 1) / 2)], ratios[Math.ceil((ratios.length - 1) / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

/** The first and the last hour that {@link usualActivity} needs, in hours since 1970. */
export function activityHours(minute: number, wasKnown: boolean): readonly [from: number, to: number] {
  const then = Math.floor(minute / 60) - (wasKnown ? WEEK_HOURS : DAY_HOURS);
  return [then - 1, then];
}

/** Whether an instance was known a week ago, by the time of its first message. @param firstAt Unix seconds */
export function wasKnownAWeekAgo(minute: number, firstAt: number | undefined): boolean {
  return firstAt !== undefined && firstAt <= (minute - WEEK_HOURS * 60) * 60;
}

/**
 * What came in half an hour at this time a week ago, or yesterday if the instance was not known a week ago. An hour that overlaps the half
 * hour in part counts in proportion.
 * @param wasKnown whether the instance was known a week ago
 */
export function usualActivity(
  minute: number,
  hourOf: (hour: number) => HourCounts | undefined,
  wasKnown: boolean,
): number {
  return activityIn(minute - (wasKnown ? WEEK_HOURS : DAY_HOURS) * 60, hourOf);
}

const WINDOW_MINUTES = 30;

function activityIn(endMinute: number, hourOf: (hour: number) => HourCounts | undefined): number {
  const [hour, intoHour] = [Math.floor(endMinute / 60), endMinute % 60];
  const here = Math.min(intoHour, WINDOW_MINUTES);
  const of = (at: number) => hourOf(at)?.activity ?? 0;
  return (of(hour) * here + of(hour - 1) * (WINDOW_MINUTES - here)) / 60;
}

const NOTHING: HourCounts = { failed: 0, tried: 0, activity: 0 };
