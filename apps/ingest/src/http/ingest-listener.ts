import type { IncomingMessage, RequestListener } from "node:http";
import type { Gateway } from "@ticktally/gateways";
import { ANSWERS, send } from "../intake/answers.ts";
import { ingestApp } from "./ingest-app.ts";
import type { WebhookIntake } from "../intake/webhook-intake.ts";

/**
 * Answers typical webhooks itself and leaves everything else to the Express app, whose routes decide what a webhook is. Express adds
 * properties to each request and response; without them ingest needs a seventh less CPU.
 */
export function ingestListener(
  intake: Pick<WebhookIntake, "take" | "check">,
  gateways: readonly Gateway[],
): RequestListener {
  const app = ingestApp(intake, gateways);
  const routes = gateways.map((gateway) => new UsualRoute(gateway));
  return (req, res) => {
    const route = routes.find((one) => one.takes(req));
    if (route === undefined) {
      app(req, res);
      return;
    }
    try {
      intake.take(route.gateway, route.server(req), req, res);
    } catch {
      // Same as the app's error handler for what a route throws.
      send(res, ANSWERS.unavailable, false);
    }
  };
}

/** The path of one gateway. */
export class UsualRoute {
  readonly gateway: Gateway;
  readonly #path: RegExp;
  readonly #prefix: string;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
    this.#prefix = `/webhooks/${gateway.name}`;
    // Nothing encoded, no capitals, no trailing slash; in the query any visible ASCII except `#`.
    this.#path = new RegExp(`^${this.#prefix}(?:/[\\w.~-]+)?(?:\\?[!"\\x24-\\x7E]*)?$`);
  }

  /** Only spellings that the app's route accepts too; ambiguous ones are left to the app. */
  takes({ method, url }: Pick<IncomingMessage, "method" | "url">): boolean {
    return method === "POST" && url !== undefined && this.#path.test(url);
  }

  /** The rest of an accepted path after the gateway's name. */
  server({ url = "" }: Pick<IncomingMessage, "url">): string | undefined {
    if (url[this.#prefix.length] !== "/") return undefined;
    const query = url.indexOf("?");
    return url.slice(this.#prefix.length + 1, query === -1 ? undefined : query);
  }
}
