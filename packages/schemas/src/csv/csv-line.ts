/** What a cell holds; `null` and `undefined` leave it empty. */
export type Cell = string | number | boolean | null | undefined;

/** A line by RFC 4180. A text that a spreadsheet would take for a formula begins with an apostrophe, as OWASP says of CSV injection. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  // The wide signs are those of East Asian keyboards.
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
