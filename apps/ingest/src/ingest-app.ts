import express, { type ErrorRequestHandler, type Express } from "express";
import { ANSWERS, send } from "./answers.ts";
import type { WebhookIntake } from "./webhook-intake.ts";

/** `POST /webhooks/green-api` and below it, so that several instances can have URLs of their own; nothing else. */
export function ingestApp(intake: Pick<WebhookIntake, "take">): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  const paths = ["/webhooks/green-api", "/webhooks/green-api/:anything"];
  app.post(paths, (req, res) => {
    intake.take(req, res);
  });
  app.all(paths, (_req, res) => {
    send(res, ANSWERS.wrongMethod, false);
  });
  app.use((_req, res) => {
    send(res, ANSWERS.notFound, false);
  });
  app.use(onError);
  return app;
}

/** Express blames the request with a 4xx (a path that cannot be decoded); anything else is our fault, so the gateway keeps the webhook. */
const onError: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const isRequestFault = error instanceof Error && "status" in error && Number(error.status) < 500;
  send(res, isRequestFault ? ANSWERS.badRequest : ANSWERS.unavailable, false);
};
