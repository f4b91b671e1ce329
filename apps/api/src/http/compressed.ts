import compression from "compression";
import type { RequestHandler } from "express";

/** Compresses an answer with br or gzip for who asks for it; shorter ones than 1 kB and streams of events never: those must be seen at once. */
export function compressed(): RequestHandler {
  return compression({
    filter: (req, res) =>
      !String(res.getHeader("content-type")).startsWith("text/event-stream") && compression.filter(req, res),
  });
}
