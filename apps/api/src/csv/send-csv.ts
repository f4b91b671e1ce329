import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import { csvLine, type Cell } from "@ticktally/schemas/csv";

/** A table as it is written: its header line first. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
}

const LINES_A_PIECE = 200;

/** Whether an answer is wanted as CSV: by `format`, else by `Accept`; JSON where both are fine. */
export function isCsvWanted(req: Request, format: "json" | "csv" | undefined): boolean {
  if (format !== undefined) return format === "csv";
  return req.accepts(["json", "csv"]) === "csv";
}

/** Write a table piece by piece, as fast as the client takes it. @param nextCursor of a page that is not the last: for a header */
export async function sendCsv(res: Response, { columns, rows }: Table, nextCursor?: string): Promise<void> {
  if (nextCursor !== undefined) res.set("X-Next-Cursor", nextCursor);
  res.type("text/csv; charset=utf-8; header=present").vary("Accept");
  await pipeline(Readable.from(piecesOf(columns, rows)), res).catch((error: unknown) => {
    // Who has gone wants nothing more.
    if (!res.destroyed) throw error;
  });
}

function* piecesOf(columns: readonly string[], rows: Iterable<readonly Cell[]>): Iterable<string> {
  let [piece, lines] = [csvLine(columns), 0];
  for (const row of rows) {
    piece += csvLine(row);
    if (++lines % LINES_A_PIECE !== 0) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
