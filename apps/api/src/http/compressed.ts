import compression from "compression";
import type { RequestHandler } from "express";

/**
 * Compresses an answer with br or gzip if the client accepts it. Never answers below 1 kB, and never event streams, which must not be
 * buffered.
 */
export function compressed(): RequestHandler {
  return compression({
    filter: (req, res) =>
      !String(res.getHeader("content-type")).startsWith("text/event-stream") && compression.filter(req, res),
  });
}
