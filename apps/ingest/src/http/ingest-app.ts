import type { Gateway } from "@ticktally/gateways";
import express, { type ErrorRequestHandler, type Express } from "express";
import { ANSWERS, send } from "../intake/answers.ts";
import type { WebhookIntake } from "../intake/webhook-intake.ts";

/**
 * `POST /webhooks/<gateway>` and below, so instances can have their own URLs, for each enabled gateway; `GET` for gateways that verify the
 * address; nothing else.
 */
export function ingestApp(intake: Pick<WebhookIntake, "take" | "check">, gateways: readonly Gateway[]): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  for (const gateway of gateways) {
    const path = `/webhooks/${gateway.name}`;
    // Express has no parameter for an empty segment, as in a path with two slashes.
    const paths = [path, `${path}/*rest`];
    app.post(paths, (req, res) => {
      const { rest } = req.params;
      const server = Array.isArray(rest) ? rest[0] : rest;
      intake.take(gateway, server === "" ? undefined : server, req, res);
    });
    app.all(paths, (req, res) => {
      if (req.method === "GET") intake.check(gateway, req, res);
      else send(res, ANSWERS.wrongMethod, false);
    });
  }
  app.use((_req, res) => {
    send(res, ANSWERS.notFound, false);
  });
  app.use(onError);
  return app;
}

/**
 * Express uses 4xx for invalid requests (such as a path that cannot be decoded). Anything else is our error, so the gateway must keep the
 * webhook.
 */
const onError: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const isRequestFault = error instanceof Error && "status" in error && Number(error.status) < 500;
  send(res, isRequestFault ? ANSWERS.badRequest : ANSWERS.unavailable, false);
};
