import { randomUUID } from "node:crypto";
import { requestIdOf, type Logger } from "@ticktally/telemetry";
import type { Request, RequestHandler } from "express";

/** Longer than any call takes that reads a page. */
const SLOW_MS = 1_000;

/**
 * One line a request, at `debug` unless it was slow: what fails is reported where it fails, an outage once. It names the route as it is written in the code and
 * never the path, which holds names, and in GREEN-API's shapes a token. `X-Request-Id` is repeated, or made.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(req.headers["x-request-id"]) ?? randomUUID();
    res.set("x-request-id", requestId);
    res.once("close", () => {
      const durationMs = Math.round(performance.now() - startedAt);
      const outcome = res.writableFinished ? "answered" : "aborted";
      const line = { requestId, method: req.method, route: routeOf(req), status: res.statusCode, outcome, durationMs };
      // A stream of events is open for as long as its reader likes.
      const isStream = res.get("content-type") === "text/event-stream";
      if (durationMs > SLOW_MS && !isStream) logger.info(line, "slow request");
      else logger.debug(line, "request");
    });
    next();
  };
}

/** Such as `/metrics/:instances`; `none` where no route was reached. */
function routeOf(req: Request): string {
  const route: unknown = req.route;
  if (typeof route !== "object" || route === null || !("path" in route)) return "none";
  return Array.isArray(route.path) ? route.path.join(", ") : String(route.path);
}
