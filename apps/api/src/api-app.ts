import { StoreUnavailableError } from "@ticktally/core";
import { SECURITY_HEADERS, type Logger } from "@ticktally/telemetry";
import express, { type Express, type Router } from "express";
import { errorHandler } from "./http/api-error.ts";
import { compressed } from "./http/compressed.ts";
import { withoutProductPrefix } from "./http/gateway-path.ts";
import { knownQuery } from "./access/known-query.ts";
import { rateLimiter, type RateLimitDeps } from "./access/rate-limiter.ts";
import { requestLog } from "./http/request-log.ts";
import { checkRoutes, type CheckDeps } from "./gateway-check/check.ts";
import { consoleRoutes } from "./pages/console.ts";
import { deadLetterRoutes, type DeadLettersDeps } from "./forwarding/dead-letters.ts";
import { docsRoutes } from "./pages/docs.ts";
import { eventsRoutes, type EventsDeps } from "./events/events.ts";
import { failuresRoutes, type FailuresDeps } from "./metrics/failures.ts";
import { gatewayRoutes, type GatewayDeps } from "./green-api-compat/gateway.ts";
import { healthRoutes, type HealthDeps } from "./ops/health.ts";
import { instanceRoutes, type InstancesDeps } from "./instances/instances.ts";
import { labelRoutes, type LabelsDeps } from "./labels/labels.ts";
import { latencyRoutes, type LatencyDeps } from "./metrics/latency.ts";
import { messageListRoutes, type MessageListDeps } from "./messages/message-list.ts";
import { messagePlacesRoutes, type MessagePlacesDeps } from "./messages/message-places.ts";
import { messageRoutes, type MessagesDeps } from "./messages/messages.ts";
import { metricsRoutes, type MetricsDeps } from "./metrics/metrics.ts";
import { quarantineRoutes, type QuarantineDeps } from "./quarantine/quarantine.ts";
import { reconcileRoutes, type ReconcileDeps } from "./instances/reconcile.ts";
import { seriesRoutes, type SeriesDeps } from "./metrics/series.ts";
import { sessionRoutes, type SessionDeps } from "./access/session.ts";
import { targetRoutes, type TargetsDeps } from "./forwarding/targets.ts";
import { tokenRoutes, type TokensDeps } from "./access/tokens.ts";
import { unrouted } from "./http/unrouted.ts";

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
  /** Why the stored data must not be read; `undefined` if they may. */
  readonly layout: { readonly fault: string | undefined };
}

interface AddressDeps {
  /** Proxies whose `X-Forwarded-For` is trusted: addresses, networks, `loopback`, `linklocal`, `uniquelocal`. */
  readonly trustedProxies: readonly string[];
}

/** The REST interface. Every answer is JSON, including errors. */
export function apiApp(
  deps: ReadDeps & ChangeDeps & RateLimitDeps & AddressDeps & LayoutDeps,
  logger: Logger,
): Express {
  const app = express();
  app.disable("x-powered-by");
  // Express's ETags would need the complete answer first; see past-etag.ts.
  app.disable("etag");
  app.set("trust proxy", deps.trustedProxies);
  app.use(withoutProductPrefix);
  app.use(requestLog(logger));
  app.use((_req, res, next) => {
    res.set(SECURITY_HEADERS);
    next();
  });
  app.use(compressed());
  app.use(consoleRoutes());
  app.use(rateLimiter(deps));
  app.use((_req, _res, next) => {
    const { fault } = deps.layout;
    next(fault === undefined ? undefined : new StoreUnavailableError(fault));
  });
  app.use(knownQuery(deps.authoriser));
  const routers = apiRouters(deps);
  const refuse = unrouted(routers);
  // Express would answer OPTIONS itself, and not in JSON.
  app.use((req, res, next) => {
    if (req.method === "OPTIONS") refuse(req, res, next);
    else next();
  });
  app.use(...routers, refuse);
  app.use(errorHandler(logger));
  return app;
}

/** All routes. A test compares the OpenAPI document with them. */
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
