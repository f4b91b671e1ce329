const now = new Date();

/**
 * The year of the last autumn whose first half of November is over: counts by the hour are kept for 400 days, so tests of calendars cannot
 * have a fixed date.
 */
export const AUTUMN = now.getUTCFullYear() - (now < new Date(Date.UTC(now.getUTCFullYear(), 10, 15)) ? 1 : 0);

const october31 = new Date(Date.UTC(AUTUMN, 9, 31));
/** The day in October on which clocks go back in Europe: its last Sunday. */
const CLOCKS_BACK = 31 - october31.getUTCDay();

/** @param days after the day on which clocks go back in Europe @returns as YYYY-MM-DD */
export function fromClocksBack(days: number): string {
  return new Date(Date.UTC(AUTUMN, 9, CLOCKS_BACK + days)).toISOString().slice(0, 10);
}
