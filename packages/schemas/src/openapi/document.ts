import { z } from "zod";
import { exampleOf } from "./examples.ts";
import { nameOf } from "./operation-names.ts";
import { SharedSchemas, shareAnswers, shareParameters } from "./shared-parts.ts";
import { gatewayErrorAnswer } from "../rest/gateway-answers.ts";
import { errorAnswer } from "../rest/metrics/metrics-answer.ts";
import { PATH_PARAMETERS, REFUSALS, refusals, TAGS, WEBHOOK_REFUSALS, type Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { WEBHOOK_PATH, webhookOperation } from "./webhook-operations.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Version of the interface, not of the program: raised when a change requires clients to change. */
const VERSION = "1.0.0";

/** The REST interface and the webhook endpoint as OpenAPI 3.1, generated from the schemas that the code uses. */
export function openApiDocument(): JsonObject {
  const shared = new SharedSchemas();
  const { schemas } = shared;
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    if (operation.isLeftOut === true) continue;
    const described = shared.take(operationObject(operation));
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described };
  }
  const all = { ...paths, [WEBHOOK_PATH]: { post: shared.take(json(webhookOperation())) } };
  const [responses, parameters] = [shareAnswers(all), shareParameters(all)];
  return {
    openapi: "3.1.0",
    info: {
      title: "Ticktally",
      version: VERSION,
      license: { name: "MIT", identifier: "MIT" },
      summary: "What became of WhatsApp messages: exact, always-current counts.",
      description:
        "Every answer is JSON: `success: true` with the result, or `success: false` with an `error` that has a `code` for programs and a `message` for people. The paths `/waInstance…` answer in GREEN-API's own shapes. An answer repeats the request's `X-Request-Id`. `RateLimit` shows how many requests are left.",
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }, { bearer: [] }],
    tags: tagsOf(all).map((name) => ({ name, description: TAGS[name] })),
    paths: all,
    components: {
      securitySchemes: {
        token: {
          type: "apiKey",
          in: "header",
          name: "token",
          description: "TokenAccount, TokenInstance or a read token.",
        },
        bearer: { type: "http", scheme: "bearer", description: "The same token, as `Authorization: Bearer`." },
        webhookToken: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "The webhook token, or an instance's: `Bearer …`, `Basic …` or bare, as the gateway sends it.",
        },
      },
      headers: HEADERS,
      parameters,
      responses: {
        304: { description: "Not changed since the answer with this ETag." },
        ...refusalAnswers("", "Error", REFUSALS),
        ...refusalAnswers("Gateway", "GatewayError", REFUSALS),
        ...refusalAnswers("Webhook", "Error", WEBHOOK_REFUSALS),
        ...responses,
      },
      schemas: {
        Error: schemaOf(errorAnswer, "output"),
        GatewayError: schemaOf(gatewayErrorAnswer, "output"),
        ...schemas,
      },
    },
  };
}

function tagsOf(paths: Readonly<Record<string, Record<string, Json>>>): readonly (keyof typeof TAGS)[] {
  const used = JSON.stringify(paths);
  return (Object.keys(TAGS) as (keyof typeof TAGS)[]).filter((name) => used.includes(`"tags":["${name}"]`));
}

function operationObject(operation: Operation): JsonObject {
  const { method, path, tag, summary, description, query, body, answers } = operation;
  const access = ACCESS[operation.for];
  // Not declared as another content type: generated clients would then return a string as well.
  const parameters = [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))];
  const text = [description, access].filter((part) => part !== undefined && part !== "").join(" ");
  return {
    operationId: nameOf(method, path),
    tags: [tag],
    summary,
    ...(text === "" ? {} : { description: text }),
    ...(["anybody", "path", "body"].includes(operation.for) ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(schemaOf(body, "input")) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerObject(operation, answer)]),
      ),
      ...(operation.hasEtag === true ? { 304: { $ref: "#/components/responses/304" } } : {}),
      ...refusals(operation.for === "path" ? "Gateway" : ""),
    },
  };
}

const ACCESS: Readonly<Record<Operation["for"], string>> = {
  account: "Account only.",
  reader: "Account and read tokens.",
  instance: "",
  owner: "Account and the instance's own token.",
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
    // A parameter that is parsed from text has no input schema; the schema of the parsed value says more.
    const hasShape = "type" in parameter || "enum" in parameter;
    const { description, ...shape } = hasShape
      ? parameter
      : z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
    const isRequired = !z.safeParse(schema, undefined).success;
    const text = description ?? parameter.description;
    return {
      name,
      in: "query",
      ...(isRequired ? { required: true } : {}),
      ...(text === undefined ? {} : { description: text }),
      schema: json(shape),
    };
  });
}

function answerObject({ path, isTable }: Operation, answer: z.ZodType | "html" | "events"): JsonObject {
  if (answer === "events")
    return { description: "As it happens.", content: { "text/event-stream": { schema: { type: "string" } } } };
  if (answer === "html") return { description: "OK", content: { "text/html": {} } };
  const example = exampleOf(answer);
  const asJson = { schema: schemaOf(answer, "output"), ...(example === undefined ? {} : { example }) };
  const isList = isTable === true && !path.startsWith("/metrics");
  return {
    description: "OK",
    ...(isList ? { headers: { "X-Next-Cursor": { $ref: "#/components/headers/X-Next-Cursor" } } } : {}),
    content: { "application/json": asJson },
  };
}

/** An invalid request, and all other errors. */
function refusalAnswers(kind: string, schema: string, descriptions: Readonly<Record<number, string>>): JsonObject {
  const content = jsonContent({ $ref: `#/components/schemas/${schema}` });
  const others = Object.entries(descriptions).filter(([status]) => status !== "400");
  return {
    [`${kind}400`]: { description: descriptions[400] ?? "", content },
    [`${kind}Error`]: {
      // The description also holds for GREEN-API's shape.
      description:
        kind === "Gateway"
          ? `${others.map(([status]) => status).join(", ")}: as in \`Error\`.`
          : others.map((one) => one.join(": ")).join(" "),
      headers: { "Retry-After": { $ref: "#/components/headers/Retry-After" } },
      content,
    },
  };
}

const HEADERS = {
  "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } },
  "X-Next-Cursor": {
    description: "With CSV: the `cursor` of the next page; missing on the last page.",
    schema: { type: "string" },
  },
} as const satisfies JsonObject;

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
        // Answers may get more fields, so clients must ignore unknown ones.
        if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
        delete jsonSchema.propertyNames;
        // A count is a whole number. `minimum: 0` is left out, because it would be repeated about 200 times.
        if (io === "output" && jsonSchema.minimum === 0) delete jsonSchema.minimum;
      },
    }),
  );
}

/**
 * Remove what does not help generated clients: patterns that `format` already names, the type of a constant, and the range of JavaScript's
 * numbers.
 */
function shorten(schema: z.core.JSONSchema.BaseSchema): void {
  const [first, second, ...more] = schema.anyOf ?? [];
  // A shorter form of nullable types, where no keyword of the first also applies to `null`.
  if (typeof first?.type === "string" && !("enum" in first) && second?.type === "null" && more.length === 0) {
    delete schema.anyOf;
    Object.assign(schema, first, { type: [first.type, "null"] });
  }
  if (schema.const === true) delete schema.type;
  if (schema.format === "date-time") delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

/** As plain JSON: without `undefined`, and without the dialect, which is the default of OpenAPI 3.1. */
function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify({ ...value, $schema: undefined })) as JsonObject;
}
