import type { Access, Gateway, GatewaySecrets, Part, RequestHead } from "../gateway.ts";
import { headerToken } from "../header-token.ts";
import { isRecord } from "../json/is-record.ts";
import type { PseudonymSource } from "../pseudonyms.ts";
import { countedFields, maskedCopy } from "./counted-fields.ts";
import { toEvents } from "./events.ts";
import { pseudonymised } from "./pseudonymised.ts";
import { webhookInstance, webhookType } from "./shapes.ts";
import { usualStatusJson } from "./status-json.ts";
import { upstream } from "./upstream.ts";
import { parseWebhookText } from "./webhook-text.ts";
import { WEBHOOK_TYPES } from "./webhook-types.ts";

/** GREEN-API and its sister products: WhatsApp, WABA, Telegram, MAX. */
export const greenApi: Gateway = {
  name: "green-api",
  settings: [],
  types: WEBHOOK_TYPES,
  admit,
  parse: parseWebhookText,
  split,
  withoutContent,
  toEvents,
  holdsFeed: true,
  relayedHeaders: [],
  upstream,
};

function admit(
  { headers }: RequestHead,
  { tokenOwner }: GatewaySecrets,
): Access | undefined | Promise<Access | undefined> {
  const token = headerToken(headers.authorization);
  return token === "" ? undefined : tokenOwner(token);
}

const TYPES: ReadonlySet<string> = new Set(WEBHOOK_TYPES);

/** One webhook a body. */
function split(given: unknown): readonly Part[] {
  const body = unwrapped(given);
  if (!isRecord(body)) return [{ instance: undefined, type: "none", body: maskedCopy(body) }];
  const instance = webhookInstance(body);
  const type = webhookType(body);
  if (type === undefined) return [{ instance, type: "none", body: maskedCopy(body) }];
  return [{ instance, type: TYPES.has(type) ? type : "other", body: countedFields(type, body) }];
}

function withoutContent({ body }: Part, pseudonyms?: PseudonymSource): string {
  if (pseudonyms !== undefined) return JSON.stringify(pseudonymised(body, pseudonyms));
  return (isRecord(body) ? usualStatusJson(body) : undefined) ?? JSON.stringify(body);
}

/** Some post a notification as it is pulled: with a receipt around it. */
function unwrapped(given: unknown): unknown {
  if (!isRecord(given) || given["typeWebhook"] !== undefined || given["instanceData"] !== undefined) return given;
  const { body } = given;
  return isRecord(body) && webhookType(body) !== undefined ? body : given;
}
