import { PARTS_MAX, type Access, type Gateway, type GatewaySecrets, type Part, type RequestHead } from "../gateway.ts";
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

/** Each string is its own key: a substring of a long text would keep the whole text in memory. */
const TYPES: ReadonlyMap<string, string> = new Map(WEBHOOK_TYPES.map((type) => [type, type]));

/** One webhook per body; relays that batch them post a list. */
function split(given: unknown): readonly Part[] {
  if (!Array.isArray(given)) return [partOf(unwrapped(given))];
  const bodies = given.slice(0, PARTS_MAX).map(unwrapped);
  if (!bodies.some((body) => isRecord(body) && webhookType(body) !== undefined)) return [partOf(given)];
  const parts = bodies.map(partOf);
  if (given.length > PARTS_MAX) parts[PARTS_MAX - 1] = partOf({ isCut: true });
  return parts;
}

function partOf(body: unknown): Part {
  if (!isRecord(body)) return { instance: undefined, type: "none", body: maskedCopy(body) };
  const instance = webhookInstance(body);
  const type = webhookType(body);
  if (type === undefined) return { instance, type: "none", body: maskedCopy(body) };
  return { instance, type: TYPES.get(type) ?? "other", body: countedFields(type, body) };
}

function withoutContent({ body }: Part, pseudonyms?: PseudonymSource): string {
  if (pseudonyms !== undefined) return JSON.stringify(pseudonymised(body, pseudonyms));
  return (isRecord(body) ? usualStatusJson(body) : undefined) ?? JSON.stringify(body);
}

/** Some senders post a notification in the form it is pulled: wrapped with a receipt, or as JSON inside a string. */
function unwrapped(given: unknown): unknown {
  if (typeof given === "string") return ofText(given) ?? given;
  if (!isRecord(given) || given["typeWebhook"] !== undefined || given["instanceData"] !== undefined) return given;
  const body = ofText(given["body"]) ?? given["body"];
  return isRecord(body) && webhookType(body) !== undefined ? body : given;
}

/** A webhook as JSON inside a string. */
function ofText(text: unknown): unknown {
  if (typeof text !== "string" || !/^\s{0,8}\{/.test(text)) return undefined;
  try {
    const body = parseWebhookText(text);
    return isRecord(body) && webhookType(body) !== undefined ? body : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
