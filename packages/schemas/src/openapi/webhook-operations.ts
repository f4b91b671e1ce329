import { z } from "zod";
import { refusals } from "./operation.ts";

export const WEBHOOK_PATH = "/webhooks/{gateway}";

/** Ingest's default port. Replace it if another is configured. */
const SERVERS = [
  {
    url: "http://127.0.0.1:{port}",
    description: "ingest",
    variables: { port: { default: "8080", description: "INGEST_PORT" } },
  },
];

/** The endpoint that gateways post to: served by ingest, on its own port. */
export function webhookOperation() {
  return {
    operationId: "postWebhook",
    tags: ["Webhooks"],
    summary: "Post one webhook",
    description:
      "200 means that it is stored. Any JSON object is accepted. After any other answer the gateway sends it again, for 24 hours. Paths below it work too, so each instance can have its own URL.",
    servers: SERVERS,
    security: [{ webhookToken: [] }],
    parameters: [
      {
        name: "gateway",
        in: "path",
        required: true,
        description: "Name of the gateway.",
        schema: { type: "string" },
        example: "green-api",
      },
    ],
    requestBody: { required: true, content: jsonOf(z.looseObject({}), EXAMPLE) },
    responses: {
      200: { description: "Stored.", content: jsonOf(z.object({ success: z.literal(true) })) },
      ...refusals("Webhook"),
    },
  };
}

function jsonOf(schema: z.ZodType, example?: object) {
  // OpenAPI 3.1 already defines the dialect.
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
