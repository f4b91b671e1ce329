import {
  JOURNAL_ENTRIES_MAX,
  NoListError,
  siftJournal,
  type GatewayUpstream,
  type Pseudonyms,
} from "@ticktally/gateways";
import { reconcileRequest } from "@ticktally/schemas";
import { timeSlices } from "@ticktally/telemetry";
import type { Request } from "express";
import { ApiError } from "../http/api-error.ts";
import { BODY_BYTES_MAX, requireJson, tooLarge, validBody } from "../http/request-input.ts";
import { bodyBytes } from "./body-bytes.ts";

/** The size of a gateway's journal: 10,000 messages with thumbnails. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Limit of its counted fields, which go into one job: twice as much as 10,000 typical entries. */
const JOB_CHARS_MAX = 4 * 1024 * 1024;

/** The parser of the gateway's journals. */
interface JournalReading {
  readonly api: GatewayUpstream;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms: Pseudonyms | undefined;
}

type Upload =
  | { readonly kind: "journal"; readonly entries: readonly object[]; readonly unread: number }
  | { readonly kind: "look"; readonly minutes: number | undefined };

/**
 * Read the body of `POST /instances/:name/reconcile`: a journal, which is parsed as it arrives and never in memory as a whole, or the
 * period to read.
 * @throws {ApiError} unsupported_media_type, payload_too_large, bad_request
 */
export async function reconcileUpload(req: Request, reading: JournalReading): Promise<Upload> {
  requireJson(req);
  const pieces = bodyBytes(req, FILE_BYTES_MAX);
  try {
    const { head, isWhole } = await headOf(pieces);
    if (LIST.test(head.toString("latin1", 0, LOOKED_AT_BYTES))) return await journal(joined(head, pieces), reading);
    if (!isWhole) throw tooLarge(BODY_BYTES_MAX);
    const request = validBody(reconcileRequest, new TextDecoder().decode(head));
    // A list in an unusual form.
    if (Array.isArray(request) || "messages" in request)
      throw new ApiError("bad_request", 'The body is not a journal: send an array of entries, or {"messages": […]}.');
    return { kind: "look", minutes: request.minutes };
  } finally {
    await pieces.return();
  }
}

/** The beginning of a list, or of an object that only contains the list; possibly after a byte order mark. */
const LIST = /^(?:\u00ef\u00bb\u00bf)?\s*(?:\{\s*"messages"\s*:\s*)?\[/;
const LOOKED_AT_BYTES = 256;

async function headOf(pieces: AsyncGenerator<Uint8Array, void>): Promise<{ head: Buffer; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes <= BODY_BYTES_MAX;) {
    const next = await pieces.next();
    if (next.done === true) return { head: Buffer.concat(parts), isWhole: true };
    parts.push(next.value);
    bytes += next.value.length;
  }
  return { head: Buffer.concat(parts), isWhole: false };
}

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield head;
  yield* rest;
}

async function journal(pieces: AsyncIterable<Uint8Array>, { api, pseudonyms }: JournalReading): Promise<Upload> {
  const pause = timeSlices();
  const options = { isUpload: true, pseudonyms, pause };
  const { read, unread, isCut } = await siftJournal(api, pieces, options).catch(notJson);
  if (isCut)
    throw new ApiError(
      "payload_too_large",
      `The journal has too many entries; send at most ${String(JOURNAL_ENTRIES_MAX)} at a time.`,
    );
  const entries: object[] = [];
  let chars = 0;
  for (const { kept } of read) {
    entries.push(kept);
    chars += JSON.stringify(kept).length;
    if (chars > JOB_CHARS_MAX)
      throw new ApiError("payload_too_large", "The journal's ids and texts are too long; send less at a time.");
    await pause();
  }
  return { kind: "journal", entries, unread };
}

function notJson(error: unknown): never {
  if (error instanceof SyntaxError || error instanceof NoListError)
    throw new ApiError("bad_request", `The body is not valid JSON: ${error.message}.`);
  throw error;
}
