const LANGUAGE = globalThis.navigator.language;
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** "84 MB": in steps of 1,000, as disks and clouds count. */
export function bytes(value: number): string {
  let [amount, unit] = [value, 0];
  while (amount >= 1_000 && unit < UNITS.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  const digits = amount < 10 && unit > 0 ? 1 : 0;
  return `${new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: digits }).format(amount)} ${UNITS[unit] ?? ""}`;
}
