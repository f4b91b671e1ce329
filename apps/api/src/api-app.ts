import { StoreUnavailableError } from "@ticktally/core";
import { SECURITY_HEADERS, type Logger } from "@ticktally/telemetry";
import express, { type Express, type Router } from "express";
import { errorHandler } from "./api-error.ts";
import { withoutProductPrefix } from "./gateway-path.ts";
import { knownQuery } from "./known-query.ts";
import { rateLimiter, type RateLimitDeps } from "./rate-limiter.ts";
import { requestLog } from "./request-log.ts";
import { checkRoutes, type CheckDeps } from "./routes/check.ts";
import { consoleRoutes } from "./routes/console.ts";
import { deadLetterRoutes, type DeadLettersDeps } from "./routes/dead-letters.ts";
import { docsRoutes } from "./routes/docs.ts";
import { eventsRoutes, type EventsDeps } from "./routes/events.ts";
import { failuresRoutes, type FailuresDeps } from "./routes/failures.ts";
import { gatewayRoutes, type GatewayDeps } from "./routes/gateway.ts";
import { healthRoutes, type HealthDeps } from "./routes/health.ts";
import { instanceRoutes, type InstancesDeps } from "./routes/instances.ts";
import { labelRoutes, type LabelsDeps } from "./routes/labels.ts";
import { latencyRoutes, type LatencyDeps } from "./routes/latency.ts";
import { messageListRoutes, type MessageListDeps } from "./routes/message-list.ts";
import { messagePlacesRoutes, type MessagePlacesDeps } from "./routes/message-places.ts";
import { messageRoutes, type MessagesDeps } from "./routes/messages.ts";
import { metricsRoutes, type MetricsDeps } from "./routes/metrics.ts";
import { quarantineRoutes, type QuarantineDeps } from "./routes/quarantine.ts";
import { reconcileRoutes, type ReconcileDeps } from "./routes/reconcile.ts";
import { seriesRoutes, type SeriesDeps } from "./routes/series.ts";
import { sessionRoutes, type SessionDeps } from "./routes/session.ts";
import { targetRoutes, type TargetsDeps } from "./routes/targets.ts";
import { tokenRoutes, type TokensDeps } from "./routes/tokens.ts";
import { unrouted } from "./unrouted.ts";

type ReadDeps = MetricsDeps &
  EventsDeps &
  SeriesDeps &
  FailuresDeps &
  HealthDeps &
  LatencyDeps &
  MessagesDeps &
  MessagePlacesDeps &
  MessageListDeps &
  GatewayDeps;
type ChangeDeps = InstancesDeps &
  LabelsDeps &
  CheckDeps &
  QuarantineDeps &
  ReconcileDeps &
  TokensDeps &
  SessionDeps &
  TargetsDeps &
  DeadLettersDeps;

interface LayoutDeps {
  /** Why what is stored must not be read; `undefined` if it may. */
  readonly layout: { readonly fault: string | undefined };
}

interface AddressDeps {
  /** Whose word is taken for who asks: addresses, networks, `loopback`, `linklocal`, `uniquelocal`. */
  readonly trustedProxies: readonly string[];
}

/** The REST interface. Every answer is JSON, errors too. */
export function apiApp(
  deps: ReadDeps & ChangeDeps & RateLimitDeps & AddressDeps & LayoutDeps,
  logger: Logger,
): Express {
  const app = express();
  app.disable("x-powered-by");
  // What Express would make one of is worked out already; see past-etag.ts.
  app.disable("etag");
  app.set("trust proxy", deps.trustedProxies);
  app.use(withoutProductPrefix);
  app.use(requestLog(logger));
  app.use((_req, res, next) => {
    res.set(SECURITY_HEADERS);
    next();
  });
  app.use(consoleRoutes());
  app.use(rateLimiter(deps));
  app.use((_req, _res, next) => {
    const { fault } = deps.layout;
    next(fault === undefined ? undefined : new StoreUnavailableError(fault));
  });
  app.use(knownQuery(deps.authoriser));
  const routers = apiRouters(deps);
  const refuse = unrouted(routers);
  // Express answers OPTIONS by itself, and not in JSON.
  app.use((req, res, next) => {
    if (req.method === "OPTIONS") refuse(req, res, next);
    else next();
  });
  app.use(...routers, refuse);
  app.use(errorHandler(logger));
  return app;
}

/** All there is to call; a test holds the OpenAPI document to it. */
export function apiRouters(deps: ReadDeps & ChangeDeps): readonly Router[] {
  const reads = [
    metricsRoutes,
    seriesRoutes,
    failuresRoutes,
    latencyRoutes,
    messagePlacesRoutes,
    messageRoutes,
    messageListRoutes,
    gatewayRoutes,
    healthRoutes,
    eventsRoutes,
  ];
  const changes = [
    instanceRoutes(deps),
    labelRoutes(deps),
    checkRoutes(deps),
    quarantineRoutes(deps),
    reconcileRoutes(deps),
    tokenRoutes(deps),
    sessionRoutes(deps),
    targetRoutes(deps),
    deadLetterRoutes(deps),
  ];
  return [...reads.map((routes) => routes(deps)), ...changes, docsRoutes()];
}
