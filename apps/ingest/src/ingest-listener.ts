import type { IncomingMessage, RequestListener } from "node:http";
import { ANSWERS, send } from "./answers.ts";
import { ingestApp } from "./ingest-app.ts";
import type { WebhookIntake } from "./webhook-intake.ts";

/**
 * Answers the usual webhook itself and leaves everything else to the Express app, whose routes decide what is a webhook.
 * Express hangs properties of its own on each request and response; without them ingest needs a seventh less CPU.
 */
export function ingestListener(intake: Pick<WebhookIntake, "take">): RequestListener {
  const app = ingestApp(intake);
  return (req, res) => {
    if (!isUsualWebhook(req)) {
      app(req, res);
      return;
    }
    try {
      intake.take(req, res);
    } catch {
      // As the app's error handler answers what its route throws.
      send(res, ANSWERS.unavailable, false);
    }
  };
}

/** Only spellings that the app's own route takes as well: those it could read otherwise are left to it. */
export function isUsualWebhook({ method, url }: Pick<IncomingMessage, "method" | "url">): boolean {
  return method === "POST" && url !== undefined && USUAL_PATH.test(url);
}

/** Nothing encoded, no capitals, no slash at the end; in the query all that is visible ASCII, except `#`. */
const USUAL_PATH = /^\/webhooks\/green-api(?:\/[\w.~-]+)?(?:\?[!"\x24-\x7E]*)?$/;
