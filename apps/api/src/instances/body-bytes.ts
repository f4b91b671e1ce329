import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Request } from "express";
import { ApiError } from "../http/api-error.ts";
import { tooLarge, wrongEncoding } from "../http/request-input.ts";

/**
 * A body as it arrives, decompressed, for bodies too large for memory. If the consumer stops early, the rest is read and discarded, because
 * clients read the answer only after sending everything.
 * @throws {ApiError} unsupported_media_type, payload_too_large, bad_request
 */
export async function* bodyBytes(req: Request, bytesMax: number): AsyncGenerator<Uint8Array, void> {
  const stream = decompressed(req);
  let bytes = 0;
  try {
    for await (const given of stream.iterator({ destroyOnReturn: false })) {
      const piece: unknown = given;
      if (!(piece instanceof Uint8Array)) continue;
      bytes += piece.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      yield piece;
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError("bad_request", "The body is incomplete, or is not compressed as declared.");
  } finally {
    if (stream !== req) {
      req.unpipe();
      stream.destroy();
    }
    await takenIn(req);
  }
}

async function takenIn(req: Request): Promise<void> {
  if (req.readableEnded || req.destroyed) return;
  req.resume();
  // Aborted: there is nothing more to read.
  await finished(req, { writable: false }).catch(() => undefined);
}

function decompressed(req: Request): Readable {
  const charset = /;\s*charset="?([\w-]+)/i.exec(req.get("content-type") ?? "")?.[1] ?? "utf-8";
  if (!/^utf-?8$/i.test(charset)) throw wrongEncoding();
  switch (req.get("content-encoding")?.toLowerCase() ?? "identity") {
    case "identity":
      return req;
    case "gzip":
      return req.pipe(createGunzip());
    case "deflate":
      return req.pipe(createInflate());
    case "br":
      return req.pipe(createBrotliDecompress());
    default:
      throw wrongEncoding();
  }
}
