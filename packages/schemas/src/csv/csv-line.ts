/** The value of a cell; `null` and `undefined` leave it empty. */
export type Cell = string | number | boolean | null | undefined;

/**
 * A line as RFC 4180 defines it. A text that a spreadsheet would take for a formula is prefixed with an apostrophe, as OWASP recommends
 * against CSV injection.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  // The wide characters are those of East Asian keyboards.
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
