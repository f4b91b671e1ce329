const LANGUAGE = globalThis.navigator.language;
const whole = new Intl.NumberFormat(LANGUAGE);
const compact = new Intl.NumberFormat(LANGUAGE, { notation: "compact", maximumFractionDigits: 1 });
const oneDecimal = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const COMPACT_FROM = 100_000;

/** With separators; above 100,000 shortened. */
export function count(value: number): string {
  return value >= COMPACT_FROM ? compact.format(value) : whole.format(value);
}

/** All digits, for tooltips. */
export function fullCount(value: number): string {
  return whole.format(value);
}

/**
 * A share from 0 to 1 as percent: one decimal below 10, none above, and 0 % or 100 % only if exact.
 * @returns "–" if the divisor is 0
 */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const value = share * 100;
  if (value === 0) return "0 %";
  if (value < 0.1) return `< ${oneDecimal.format(0.1)} %`;
  if (value < 9.95) return `${oneDecimal.format(value)} %`;
  if (value > 99 && value < 100) return `${oneDecimal.format(Math.min(value, 99.9))} %`;
  return `${whole.format(Math.round(value))} %`;
}

/** A larger change is shown as a multiple, because "+87,629 %" is hard to read. */
const MULTIPLES_FROM = 10;

/** The relative change, signed; "" if there is nothing to compare with. */
export function change(now: number, before: number | undefined): string {
  if (before === undefined || before === 0) return "";
  const share = (now - before) / before;
  if (share >= MULTIPLES_FROM) return `× ${count(Math.round(now / before))}`;
  const text = percent(Math.abs(share));
  return share === 0 ? "±0 %" : `${share > 0 ? "+" : "−"}${text}`;
}
