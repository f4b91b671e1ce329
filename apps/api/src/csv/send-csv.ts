import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import { csvLine, type Cell } from "@ticktally/schemas/csv";

/** A table as written: the header line first. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
}

const LINES_A_PIECE = 200;

/** Whether CSV is requested: by `format`, otherwise by `Accept`; JSON if both are acceptable. */
export function isCsvWanted(req: Request, format: "json" | "csv" | undefined): boolean {
  if (format !== undefined) return format === "csv";
  return req.accepts(["json", "csv"]) === "csv";
}

/** Write a table piece by piece, as fast as the client reads it. @param nextCursor cursor of the next page, if any, sent as a header */
export async function sendCsv(res: Response, { columns, rows }: Table, nextCursor?: string): Promise<void> {
  if (nextCursor !== undefined) res.set("X-Next-Cursor", nextCursor);
  res.type("text/csv; charset=utf-8; header=present").vary("Accept");
  await pipeline(Readable.from(piecesOf(columns, rows)), res).catch((error: unknown) => {
    // The client has disconnected.
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
