import { createHmac, timingSafeEqual } from "node:crypto";
import type { Access, Answer, GatewaySecrets, RequestHead } from "../gateway.ts";
import { headerToken } from "../header-token.ts";
import { numbersIn } from "./changes.ts";
import { parse } from "./parse.ts";
import { APP_SECRET, secretsOf, VERIFY_TOKEN, type AppSecret } from "./secrets.ts";

export const SIGNATURE_HEADER = "x-hub-signature-256";

/**
 * Meta verifies an address with a GET whenever the address or the token in the app's settings changes.
 * @returns `undefined` for any other GET
 */
export function handshake({ url }: RequestHead, { setting }: GatewaySecrets): Answer | undefined {
  const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  if (!url.includes("?") || !query.has("hub.mode")) return undefined;
  const given = query.get("hub.verify_token") ?? "";
  const isOurs = secretsOf(setting(VERIFY_TOKEN)).filter(({ secret }) => isEqual(secret, given)).length > 0;
  if (query.get("hub.mode") !== "subscribe" || !isOurs) return plain(403, "wrong verify token");
  const challenge = query.get("hub.challenge") ?? "";
  // The echoed value must contain nothing that a browser would interpret as more than text.
  return CHALLENGE.test(challenge) ? plain(200, challenge) : plain(400, "no challenge");
}

const CHALLENGE = /^[\w.-]{1,256}$/;

/** A body without a signature comes from a partner that forwards Meta's webhooks with one of our tokens in a header. */
export function admit(
  { headers }: RequestHead,
  { tokenOwner }: GatewaySecrets,
): Access | "after body" | undefined | Promise<Access | undefined> {
  const signature = headers[SIGNATURE_HEADER];
  if (signature !== undefined) return digestIn(signature) === undefined ? undefined : "after body";
  const token = headerToken(headers.authorization);
  return token === "" ? undefined : tokenOwner(token);
}

/** The signature covers the raw bytes: parsing and serialising again would change escapes. */
export function verify({ headers }: RequestHead, rawBody: Buffer, { setting }: GatewaySecrets): Access | undefined {
  const digest = digestIn(headers[SIGNATURE_HEADER]);
  if (digest === undefined) return undefined;
  const secrets = secretsOf(setting(APP_SECRET));
  const found = secrets.find(({ secret }) =>
    timingSafeEqual(createHmac("sha256", secret).update(rawBody).digest(), digest),
  );
  return found !== undefined && maySign(found, secrets, rawBody) ? { kind: "account" } : undefined;
}

/**
 * Whether a secret of certain accounts may sign a body: it must not name another account's number. A body without a number counts nothing,
 * so any secret may sign it.
 */
function maySign({ accounts }: AppSecret, secrets: readonly AppSecret[], rawBody: Buffer): boolean {
  if (accounts.size === 0) return true;
  return numbersIn(signedBody(rawBody)).every(({ number, business }) => {
    if (accounts.has(number)) return true;
    // A number with its own secret must be signed with that secret, whatever business account a body claims.
    return business !== undefined && accounts.has(business) && !secrets.some((other) => other.accounts.has(number));
  });
}

/** A body that is not JSON names no number; the parser rejects it. */
function signedBody(rawBody: Buffer): unknown {
  try {
    return parse(rawBody.toString("utf8"));
  } catch {
    return undefined;
  }
}

function digestIn(header: string | string[] | undefined): Buffer | undefined {
  const hex = typeof header === "string" ? /^sha256=([\da-f]{64})$/i.exec(header.trim())?.[1] : undefined;
  return hex === undefined ? undefined : Buffer.from(hex, "hex");
}

/** Constant time, wherever the two differ. */
function isEqual(secret: string, given: string): boolean {
  // Any key works: it only makes both the same length.
  const digest = (text: string) => createHmac("sha256", secret).update(text).digest();
  return timingSafeEqual(digest(secret), digest(given));
}

function plain(status: number, body: string): Answer {
  return { status, contentType: "text/plain; charset=utf-8", body };
}
