import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Request } from "express";
import { ApiError } from "../http/api-error.ts";
import { tooLarge, wrongEncoding } from "../http/request-input.ts";

/**
 * A body as it arrives, decompressed; for what is too large to be in memory as a whole. What is no longer asked for is taken
 * in before this ends, because a sender reads the answer only when it has sent all.
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
    throw new ApiError("bad_request", "The body broke off, or is not compressed as it says.");
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
  // Interrupted: there is no more to take in.
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
