import { z } from "zod";
import { exampleOf } from "./examples.ts";
import { nameOf } from "./operation-names.ts";
import { SharedParts } from "./shared-parts.ts";
import { gatewayErrorAnswer } from "../rest/gateway-answers.ts";
import { errorAnswer } from "../rest/metrics/metrics-answer.ts";
import { PATH_PARAMETERS, REFUSALS, TAGS, type Operation, type Refusal } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { webhookPaths } from "./webhook-operations.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Of the interface, not of the program: raised when a call changes so that programs must be changed. */
const VERSION = "1.0.0";

/** The REST interface, and where the gateway posts, as OpenAPI 3.1, made from the schemas that its code runs by. */
export function openApiDocument(): JsonObject {
  const shared = new SharedParts();
  const { schemas } = shared;
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    const described = shared.take(operationObject(operation));
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described };
  }
  const webhooks = Object.fromEntries(
    Object.entries(webhookPaths()).map(([path, { post }]) => [path, { post: shared.take(json(post), "Webhook") }]),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "Ticktally",
      version: VERSION,
      license: { name: "MIT", identifier: "MIT" },
      summary: "What became of WhatsApp messages: exact, always-current counts.",
      description:
        "Every answer is JSON: `success: true` with what was asked for, or `success: false` with an `error` that has a `code` for programs and a `message` for people. The paths `/waInstance…` answer in GREEN-API's own shapes instead. A request may carry an `X-Request-Id` (1 to 64 of `A-Za-z0-9._-`); its answer repeats it. `RateLimit` and `RateLimit-Policy` tell how many requests are left.",
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }, { bearer: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: { ...paths, ...webhooks },
    components: {
      securitySchemes: {
        token: {
          type: "apiKey",
          in: "header",
          name: "token",
          description: "TokenAccount, TokenInstance or a read token.",
        },
        bearer: { type: "http", scheme: "bearer", description: "The same as `Authorization: Bearer`." },
        webhookToken: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "The webhook token, or an instance's: `Bearer …`, `Basic …` or bare, as the gateway sends it.",
        },
      },
      parameters: shared.parameters,
      responses: shared.responses,
      schemas: {
        Error: schemaOf(errorAnswer, "output"),
        GatewayError: schemaOf(gatewayErrorAnswer, "output"),
        ...schemas,
      },
    },
  };
}

function operationObject(operation: Operation): JsonObject {
  const { method, path, tag, summary, description, query, body, answers } = operation;
  const access = ACCESS[operation.for];
  // Not as another content: then what a generated client returns could also be a text.
  const csv = operation.isTable === true ? "A table in CSV with `Accept: text/csv` or `format=csv`." : undefined;
  const text = [description, csv, access].filter((part) => part !== undefined && part !== "").join(" ");
  return {
    operationId: nameOf(method, path),
    tags: [tag],
    summary,
    ...(text === "" ? {} : { description: text }),
    ...(["anybody", "path", "body"].includes(operation.for) ? { security: [] } : {}),
    parameters: [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(schemaOf(body, "input")) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerObject(operation, answer)]),
      ),
      ...(operation.hasEtag === true ? { 304: NOT_MODIFIED } : {}),
      ...Object.fromEntries(refusalsOf(operation).map((status) => [String(status), refusalObject(operation, status)])),
      default: alwaysObject(operation),
    },
  };
}

const ACCESS: Readonly<Record<Operation["for"], string>> = {
  account: "For the account only.",
  reader: "For the account and read tokens.",
  instance: "",
  owner: "For the account and the instance's own token.",
  path: "",
  body: "",
  anybody: "",
};

function pathParameters(path: string): readonly JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => {
    return { name, in: "path", required: true, description: PATH_PARAMETERS[name] ?? "", schema: { type: "string" } };
  });
}

function queryParameters(query: z.ZodObject): readonly JsonObject[] {
  return Object.entries(query.shape).map(([name, schema]) => {
    const parameter = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    // What is read from a text has no schema as it is sent; the one of what it is read as says more.
    const isTold = "type" in parameter || "enum" in parameter;
    const { description, ...shape } = isTold
      ? parameter
      : z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
    const isRequired = !z.safeParse(schema, undefined).success;
    const told = description ?? parameter.description;
    return {
      name,
      in: "query",
      ...(isRequired ? { required: true } : {}),
      ...(told === undefined ? {} : { description: told }),
      schema: json(shape),
    };
  });
}

function answerObject({ path, isTable }: Operation, answer: z.ZodType | "html" | "events"): JsonObject {
  if (answer === "events")
    return { description: "As it happens.", content: { "text/event-stream": { schema: { type: "string" } } } };
  if (answer === "html") return { description: "As asked.", content: { "text/html": {} } };
  const example = exampleOf(answer);
  const asJson = { schema: schemaOf(answer, "output"), ...(example === undefined ? {} : { example }) };
  const isList = isTable === true && !path.startsWith("/metrics");
  return {
    description: "As asked.",
    ...(isList ? { headers: { "X-Next-Cursor": NEXT_CURSOR } } : {}),
    content: { "application/json": asJson },
  };
}

/** The same at every call that has it: it becomes a component. */
function refusalObject({ for: caller }: Operation, status: Refusal): JsonObject {
  const schema = caller === "path" ? "GatewayError" : "Error";
  return { description: REFUSALS[status], content: jsonContent({ $ref: `#/components/schemas/${schema}` }) };
}

/** What every call may be answered with; told once, because some forty calls have it. */
function alwaysObject(operation: Operation): JsonObject {
  return {
    ...refusalObject(operation, 429),
    description: [401, 429, 503].map((status) => `${String(status)}: ${REFUSALS[status as Refusal]}`).join(" "),
    headers: { "Retry-After": header("Seconds to wait.", "integer") },
  };
}

function refusalsOf(operation: Operation): readonly Refusal[] {
  return [...new Set<Refusal>([400, ...(operation.refusals ?? [])])].sort((a, b) => a - b);
}

const NEXT_CURSOR = header("In CSV: asks for the next page as `cursor`; missing after the last.", "string");
const NOT_MODIFIED: JsonObject = { description: "Nothing has changed since the answer with this ETag." };

function header(description: string, type: string): JsonObject {
  return { description, schema: { type } };
}

function jsonContent(schema: Json): JsonObject {
  return { "application/json": { schema } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  return json(
    z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      override: ({ jsonSchema }) => {
        shorten(jsonSchema);
        // Fields are added to answers, so who reads one leaves alone what it does not know.
        if (io === "output") delete jsonSchema.additionalProperties;
        // A count is a whole number; that none is below 0 would be said some 200 times.
        if (io === "output" && jsonSchema.type === "integer" && jsonSchema.minimum === 0) delete jsonSchema.minimum;
      },
    }),
  );
}

/** What says nothing to who generates a client: the pattern of what `format` names, the type of a constant, and that a number is one of JavaScript's. */
function shorten(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.const === true) delete schema.type;
  if (schema.format === "date-time") delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

/** The same as plain JSON: without what is `undefined`, and without the dialect, which is OpenAPI 3.1's own. */
function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify({ ...value, $schema: undefined })) as JsonObject;
}
