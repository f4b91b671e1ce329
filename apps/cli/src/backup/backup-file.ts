import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { crc32 } from "node:zlib";
import { BackupError } from "@ticktally/redis";
import {
  BACKUP_FORMAT,
  BACKUP_FORMAT_BEFORE,
  BACKUP_FORMAT_OLD,
  backupHeader,
  backupLine,
  backupTrailer,
  type BackupHeader,
  type BackupLine,
  type BackupTrailer,
} from "@ticktally/schemas";

/**
 * The file format of an export: lines of a CRC-32 in 8 hexadecimal digits, a space, and JSON. The first line is the header, the last the
 * trailer with totals and a SHA-256 of everything before. A changed line is reported by its number; lost, added or moved lines are found by
 * the trailer; a truncated file has no trailer.
 */
export class BackupWriter {
  readonly #out: Writable;
  readonly #totals = new Totals();

  constructor(out: Writable) {
    this.#out = out;
  }

  async header(header: BackupHeader): Promise<void> {
    await this.#write(this.#totals.hashed(framed(header)));
  }

  async line(line: BackupLine): Promise<void> {
    const text = framed(line);
    this.#totals.count(line);
    await this.#write(this.#totals.hashed(text));
  }

  async trailer(): Promise<BackupTrailer> {
    const trailer = this.#totals.trailer();
    await this.#write(framed(trailer));
    return trailer;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (!this.#out.write(bytes)) await once(this.#out, "drain");
  }
}

/**
 * Read an export and verify its checksums and totals.
 * @returns the trailer, once everything is read
 * @throws {BackupError} if it is not an export, is damaged or truncated; lines returned before that must not be trusted
 */
export async function* readBackup(
  input: AsyncIterable<Buffer>,
): AsyncGenerator<BackupHeader | BackupLine, BackupTrailer> {
  const totals = new Totals();
  let [number, isBegun] = [0, false];
  for await (const bytes of linesOf(input)) {
    number += 1;
    // `npm run` prints the command before it runs it.
    if (!isBegun && /^(?:>.*|\s*)$/.test(bytes.toString("latin1"))) continue;
    const value = unframed(bytes, number, isBegun);
    const trailer = backupTrailer.safeParse(value);
    if (trailer.success) {
      if (!totals.agree(trailer.data)) throw new BackupError("The file is damaged: lines are missing or changed.");
      return trailer.data;
    }
    if (isBegun) {
      const line = backupLine.safeParse(value);
      if (!line.success) throw new BackupError(`Line ${number} of the file has a form that this version cannot read.`);
      totals.count(line.data);
      yield line.data;
    } else {
      yield headerOf(value);
      isBegun = true;
    }
    totals.hashed(Buffer.concat([bytes, NEWLINE]));
  }
  throw new BackupError(isBegun ? "The file is cut short: its last line is missing." : NO_EXPORT);
}

/** Counts the contents of an export. */
class Totals {
  readonly #hash: Hash = createHash("sha256");
  readonly #sum = { lines: 0, instances: 0, keys: 0, messages: 0, quarantined: 0 };

  hashed(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    return bytes;
  }

  count(line: BackupLine): void {
    this.#sum.lines += 1;
    if (line.kind === "quarantine") this.#sum.quarantined += line.entries.length;
    if (line.kind !== "end") return;
    this.#sum.instances += 1;
    this.#sum.keys += line.keys;
    this.#sum.messages += line.messages;
  }

  trailer(): BackupTrailer {
    return { kind: "trailer", ...this.#sum, sha256: this.#hash.digest("hex") };
  }

  agree(trailer: BackupTrailer): boolean {
    const own = this.trailer();
    return own.sha256 === trailer.sha256 && own.lines === trailer.lines && own.instances === trailer.instances;
  }
}

const NEWLINE = Buffer.from("\n");
const CRC_CHARS = 8;
const NO_EXPORT = "This is not an export of Ticktally: use a file that `npm run export` wrote.";

function framed(value: object): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${crcOf(json)} `), json, NEWLINE]);
}

function unframed(bytes: Buffer, number: number, isBegun: boolean): unknown {
  const json = bytes.subarray(CRC_CHARS + 1);
  const isWhole = bytes.toString("latin1", 0, CRC_CHARS + 1) === `${crcOf(json)} `;
  if (!isWhole && !isBegun) throw new BackupError(NO_EXPORT);
  if (!isWhole) throw new BackupError(`Line ${number} of the file is damaged: its checksum does not match.`);
  const value: unknown = JSON.parse(json.toString());
  return value;
}

function crcOf(json: Buffer): string {
  return crc32(json).toString(16).padStart(CRC_CHARS, "0");
}

function headerOf(value: unknown): BackupHeader {
  const header = backupHeader.safeParse(value);
  if (!header.success) throw new BackupError(NO_EXPORT);
  const { format, version } = header.data;
  if (![BACKUP_FORMAT, BACKUP_FORMAT_BEFORE, BACKUP_FORMAT_OLD].includes(format))
    throw new BackupError(
      `The file has format ${format}, written by version ${version}; this one reads formats ${BACKUP_FORMAT_OLD} to ${BACKUP_FORMAT}.`,
    );
  return header.data;
}

/** Split at newlines only: readline also splits at other characters. */
async function* linesOf(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  for await (const chunk of input) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]);
      parts = [];
      from = end + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
