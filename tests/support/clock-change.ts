const now = new Date();

/**
 * The latest year in which November 15 has passed. Hourly counts are kept for 400 days, so tests of calendars and clock changes cannot use a
 * fixed date.
 */
export const YEAR = now.getUTCFullYear() - (now < new Date(Date.UTC(now.getUTCFullYear(), 10, 15)) ? 1 : 0);

const october31 = new Date(Date.UTC(YEAR, 9, 31));
/** The day in October on which clocks are set back in Europe: the last Sunday. */
const CLOCKS_BACK = 31 - october31.getUTCDay();

/** @param days after the day on which clocks are set back in Europe @returns YYYY-MM-DD */
export function daysAfterClockChange(days: number): string {
  return new Date(Date.UTC(YEAR, 9, CLOCKS_BACK + days)).toISOString().slice(0, 10);
}
