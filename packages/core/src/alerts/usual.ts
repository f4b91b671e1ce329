/** What an instance did in an hour. */
export interface HourCounts {
  /** All failures but noAccount. */
  readonly failed: number;
  /** Sent, or failed in whichever way. */
  readonly tried: number;
  /** Messages and statuses. */
  readonly heard: number;
}

/** Hours of the day that ended an hour ago; in fewer than six of them nothing is usual. */
const [DAY_HOURS, USUAL_HOURS_MIN] = [24, 6];
const WEEK_HOURS = 168;

/** The hours since 1970 that {@link usualFailureRatio} asks for, both included. */
export function ratioHours(minute: number): readonly [from: number, to: number] {
  const end = Math.floor(minute / 60) - 1;
  return [end - DAY_HOURS, end - 1];
}

/**
 * The median share of failures in an hour, which a trouble of some hours does not move.
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

/** The hours since 1970 that {@link usuallyHeard} asks for, both included. */
export function heardHours(minute: number, wasKnown: boolean): readonly [from: number, to: number] {
  const then = Math.floor(minute / 60) - (wasKnown ? WEEK_HOURS : DAY_HOURS);
  return [then - 1, then];
}

/** Whether an instance whose first message is so old was known a week ago. @param firstAt Unix seconds */
export function wasKnownAWeekAgo(minute: number, firstAt: number | undefined): boolean {
  return firstAt !== undefined && firstAt <= (minute - WEEK_HOURS * 60) * 60;
}

/**
 * What came in half an hour at this time a week ago; of yesterday, if the instance was not known yet a week ago. Of an hour that lies in
 * the half hour with a part, that part counts.
 * @param wasKnown a week ago
 */
export function usuallyHeard(
  minute: number,
  hourOf: (hour: number) => HourCounts | undefined,
  wasKnown: boolean,
): number {
  return heardIn(minute - (wasKnown ? WEEK_HOURS : DAY_HOURS) * 60, hourOf);
}

const WINDOW_MINUTES = 30;

function heardIn(endMinute: number, hourOf: (hour: number) => HourCounts | undefined): number {
  const [hour, intoHour] = [Math.floor(endMinute / 60), endMinute % 60];
  const here = Math.min(intoHour, WINDOW_MINUTES);
  const of = (at: number) => hourOf(at)?.heard ?? 0;
  return (of(hour) * here + of(hour - 1) * (WINDOW_MINUTES - here)) / 60;
}

const NOTHING: HourCounts = { failed: 0, tried: 0, heard: 0 };
