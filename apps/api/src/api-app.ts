import type { Logger } from "@ticktally/telemetry";
import express, { type Express } from "express";
import { ApiError, errorHandler } from "./api-error.ts";
import { rateLimiter, type RateLimitDeps } from "./rate-limiter.ts";
import { messageRoutes, type MessagesDeps } from "./routes/messages.ts";
import { metricsRoutes, type MetricsDeps } from "./routes/metrics.ts";

/** The REST interface. Every answer is JSON, errors too. */
export function apiApp(deps: MetricsDeps & MessagesDeps & RateLimitDeps, logger: Logger): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use((req, res, next) => {
    res.set({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    if (req.method === "GET" || req.method === "HEAD") next();
    else {
      res.set("allow", "GET, HEAD");
      next(new ApiError("method_not_allowed", "Only GET is answered here."));
    }
  });
  app.use(rateLimiter(deps));
  app.use(metricsRoutes(deps));
  app.use(messageRoutes(deps));
  app.use(() => {
    throw new ApiError(
      "not_found",
      "There is nothing here; try /metrics/:instances or /messages/:instance/:idMessage.",
    );
  });
  app.use(errorHandler(logger));
  return app;
}
