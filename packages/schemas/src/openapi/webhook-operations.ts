import { z } from "zod";
import { errorAnswer } from "../rest/metrics/metrics-answer.ts";

/** What ingest answers, and the codes it has for it. Its 405 is at every other method of these paths. */
const REFUSALS: Readonly<Record<number, readonly [description: string, ...codes: string[]]>> = {
  400: ["The body is empty or no JSON; nothing was stored.", "bad_request", "empty_body", "not_json"],
  401: ["The sender cannot be told by its token or signature, or belongs to another instance.", "unauthorized"],
  403: ["`WEBHOOK_ALLOWED_IPS` does not have the address it comes from.", "forbidden_address"],
  404: ["No gateway of this name is switched on.", "not_found"],
  413: ["The body is larger than `INGEST_BODY_LIMIT`.", "too_large"],
  415: ["The body is not JSON by its headers.", "unsupported_media_type"],
  429: ["Too many wrong tokens came from this address: see `Retry-After`.", "too_many_wrong_tokens"],
  503: [
    "It could not be stored now: send it again after `Retry-After` seconds.",
    "unavailable",
    "overloaded",
    "queue_full",
  ],
};

/** Instances may have URLs of their own. */
export const WEBHOOK_PATHS = ["/webhooks/{gateway}", "/webhooks/{gateway}/{anything}"] as const;

/** Where the gateway posts: answered by ingest, on a port of its own. */
export function webhookPaths() {
  return Object.fromEntries(WEBHOOK_PATHS.map((path) => [path, { post: webhookOperation(path) }]));
}

/** Ingest's default port; who has set another puts it in. */
const SERVERS = [
  {
    url: "http://127.0.0.1:{port}",
    description: "ingest",
    variables: { port: { default: "8080", description: "INGEST_PORT" } },
  },
];

function webhookOperation(path: (typeof WEBHOOK_PATHS)[number]) {
  const isOwn = path.endsWith("{anything}");
  const gateway = { ...inPath("gateway", "Whose webhook it is."), example: "green-api" };
  const anything = inPath("anything", "Any path, so that instances can have URLs of their own.");
  return {
    operationId: isOwn ? "postWebhookAtOwnUrl" : "postWebhook",
    tags: ["Webhooks"],
    summary: "Post one webhook",
    description:
      "200 means that it is stored. Any JSON object is taken; what cannot be understood goes to quarantine. After any other answer the gateway sends it again, for 24 hours.",
    servers: SERVERS,
    security: [{ webhookToken: [] }],
    parameters: isOwn ? [gateway, anything] : [gateway],
    requestBody: { required: true, content: jsonOf(z.looseObject({}), EXAMPLE) },
    responses: {
      200: { description: "Stored.", content: jsonOf(z.object({ success: z.literal(true) })) },
      ...Object.fromEntries(Object.entries(REFUSALS).map(([status, refusal]) => [status, refusalOf(status, refusal)])),
    },
  };
}

function inPath(name: string, description: string) {
  return { name, in: "path", required: true, description, schema: { type: "string" } };
}

function refusalOf(status: string, [description, ...codes]: readonly [string, ...string[]]) {
  const code = z.enum(codes);
  const shape = errorAnswer.extend({ error: errorAnswer.shape.error.extend({ code }) });
  const wait = { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } } };
  return { description, ...(status === "503" || status === "429" ? { headers: wait } : {}), content: jsonOf(shape) };
}

function jsonOf(schema: z.ZodType, example?: object) {
  // OpenAPI 3.1 says once for all which dialect it is.
  const shape = { ...z.toJSONSchema(schema), $schema: undefined };
  return { "application/json": { schema: shape, ...(example === undefined ? {} : { example }) } };
}

const EXAMPLE = {
  typeWebhook: "outgoingMessageStatus",
  instanceData: { idInstance: 7103000001, wid: "79876543210@c.us", typeInstance: "whatsapp" },
  chatId: "79001234567@c.us",
  timestamp: 1793380869,
  idMessage: "BAE5367237E13A87",
  status: "delivered",
  sendByApi: true,
};
