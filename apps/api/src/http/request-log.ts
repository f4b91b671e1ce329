import { randomUUID } from "node:crypto";
import { requestIdOf, type Logger } from "@ticktally/telemetry";
import type { Request, RequestHandler } from "express";

/** Longer than any call that reads one page. */
const SLOW_MS = 1_000;

/**
 * One line per request, at `debug` unless it was slow. Failures are logged where they happen, an outage only once. The line has the route
 * pattern and never the path, which contains names and, in GREEN-API's shape, a token. `X-Request-Id` is repeated or generated.
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
      // An event stream may stay open for any length of time.
      const isStream = res.get("content-type") === "text/event-stream";
      if (durationMs > SLOW_MS && !isStream) logger.info(line, "slow request");
      else logger.debug(line, "request");
    });
    next();
  };
}

/** Such as `/metrics/:instances`; `none` if no route matched. */
function routeOf(req: Request): string {
  const route: unknown = req.route;
  if (typeof route !== "object" || route === null || !("path" in route)) return "none";
  return Array.isArray(route.path) ? route.path.join(", ") : String(route.path);
}
