import { QueueFullError } from "@ticktally/core";
import { NotForwardedError } from "./forwarding.ts";
import type { ServerResponse } from "node:http";
import type { Answer as GatewayAnswer } from "@ticktally/gateways";
import { requestIdOf, SECURITY_HEADERS } from "@ticktally/telemetry";

/** The answers of ingest. Bodies are constant: gateways read only the status, people read the message. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | number>>;
}

export const ANSWERS = {
  accepted: answer(200, '{"success":true}\n'),
  notFound: refusal(404, "not_found", "Post webhooks to /webhooks/ followed by the name of an enabled gateway."),
  wrongMethod: refusal(405, "method_not_allowed", "Webhooks are sent with POST.", { allow: "POST" }),
  unauthorized: refusal(
    401,
    "unauthorized",
    "The token or signature is missing or wrong: compare the gateway's settings with those of Ticktally.",
    { "www-authenticate": 'Bearer realm="webhooks"' },
  ),
  otherInstance: refusal(401, "unauthorized", "This token belongs to a different instance than the webhook."),
  /** Sent with its own `Retry-After`, see {@link tooManyFailedLogins}. */
  tooManyFailedLogins: refusal(
    429,
    "too_many_wrong_tokens",
    "Too many wrong tokens from this address; check the token, and wait.",
  ),
  forbiddenAddress: refusal(
    403,
    "forbidden_address",
    "Webhooks are not accepted from this address (WEBHOOK_ALLOWED_IPS).",
  ),
  wrongContentType: refusal(
    415,
    "unsupported_media_type",
    "Send uncompressed JSON with Content-Type: application/json.",
  ),
  tooLarge: refusal(413, "too_large", "The body is larger than INGEST_BODY_LIMIT allows."),
  empty: refusal(400, "empty_body", "The body is empty; send one webhook as JSON."),
  notJson: refusal(400, "not_json", "The body is not valid JSON; send one webhook as JSON."),
  loop: refusal(400, "loop", "Ticktally forwarded this webhook itself: one of its targets leads back here."),
  badRequest: refusal(400, "bad_request", "The request is malformed."),
  unavailable: refusal(503, "unavailable", "The webhook could not be stored now; send it again.", { "retry-after": 5 }),
  overloaded: refusal(503, "overloaded", "Webhooks arrive faster than they can be stored; send this one again later.", {
    "retry-after": 5,
  }),
  targetFull: refusal(
    503,
    "target_full",
    "A target of this instance is too far behind; send the webhook again later.",
    {
      "retry-after": 30,
    },
  ),
  queueFull: refusal(503, "queue_full", "The queue is full; send the webhook again later.", { "retry-after": 30 }),
} as const satisfies Record<string, Answer>;

/** An adapter's own answer. */
export function answerOf({ status, contentType, body }: GatewayAnswer): Answer {
  return answer(status, body, { "content-type": contentType });
}

/** After too many failed logins the connection is closed, so the next attempt needs a new one. */
export function tooManyFailedLogins(waitSeconds: number): Answer {
  const { status, body, headers } = ANSWERS.tooManyFailedLogins;
  return { status, body, headers: { ...headers, "retry-after": waitSeconds, connection: "close" } };
}

/**
 * While draining, connections are closed after their answer, so the gateway opens the next one elsewhere. A request's id is repeated in the
 * answer.
 */
export function send(res: ServerResponse, { status, body, headers }: Answer, isDraining: boolean): void {
  if (res.headersSent || res.destroyed) return;
  const requestId = requestIdOf(res.req.headers["x-request-id"]);
  // The usual answer is a shared object.
  if (!isDraining && requestId === undefined) res.writeHead(status, headers).end(body);
  else res.writeHead(status, { ...headers, ...closing(isDraining), ...named(requestId) }).end(body);
}

function closing(isDraining: boolean): Answer["headers"] {
  return isDraining ? { connection: "close" } : {};
}

function named(requestId: string | undefined): Answer["headers"] {
  return requestId === undefined ? {} : { "x-request-id": requestId };
}

function refusal(status: number, code: string, message: string, headers: Answer["headers"] = {}): Answer {
  return answer(status, `${JSON.stringify({ success: false, error: { code, message } })}\n`, headers);
}

function answer(status: number, body: string, headers: Answer["headers"] = {}): Answer {
  const own = { "content-type": "application/json", ...headers, "content-length": Buffer.byteLength(body) };
  return { status, body, headers: { ...SECURITY_HEADERS, ...own } };
}

/** Why accepted webhooks could not be stored. */
export function refusalOf(error: unknown): Answer {
  if (error instanceof QueueFullError) return ANSWERS.queueFull;
  return error instanceof NotForwardedError && error.isFull ? ANSWERS.targetFull : ANSWERS.unavailable;
}
