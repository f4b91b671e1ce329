import { z } from "zod";
import { gatewayErrorAnswer } from "../gateway-answers.ts";
import { errorAnswer } from "../metrics-answer.ts";
import { PATH_PARAMETERS, REFUSALS, type Operation, type Refusal } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { webhookPaths } from "./webhook-operations.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Of the interface, not of the program: raised when a call changes so that programs must be changed. */
const VERSION = "1.0.0";

/** The REST interface, and where the gateway posts, as OpenAPI 3.1, made from the schemas that its code runs by. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Ticktally",
      version: VERSION,
      summary: "What became of WhatsApp messages: exact, always-current counts.",
      description:
        "Every answer is JSON: `success: true` with what was asked for, or `success: false` with an `error` that has a `code` for programs and a `message` for people. The paths `/waInstance…` answer in GREEN-API's own shapes instead. A request may carry an `X-Request-Id` (1 to 64 of `A-Za-z0-9._-`); its answer repeats it.",
    },
    servers: [{ url: "/" }],
    tags: [...new Set([...OPERATIONS.map(({ tag }) => tag), "Webhooks"])].map((name) => ({ name })),
    paths: { ...paths, ...json(webhookPaths()) },
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
      schemas: { Error: schemaOf(errorAnswer, "output"), GatewayError: schemaOf(gatewayErrorAnswer, "output") },
    },
  };
}

function operationObject(operation: Operation): JsonObject {
  const { method, path, tag, summary, description, query, body, answers } = operation;
  const access = ACCESS[operation.for];
  const text = [description, access].filter((part) => part !== undefined && part !== "").join(" ");
  return {
    operationId: `${method}${path.replace(/[^A-Z]+(\w?)/gi, (_, letter: string) => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    ...(text === "" ? {} : { description: text }),
    security: ["anybody", "path", "body"].includes(operation.for) ? [] : [{ token: [] }, { bearer: [] }],
    parameters: [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(schemaOf(body, "input")) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerObject(answer)])),
      ...Object.fromEntries(refusalsOf(operation).map((status) => [String(status), refusalObject(operation, status)])),
    },
  };
}

const ACCESS: Readonly<Record<Operation["for"], string>> = {
  account: "For the account only.",
  reader: "For the account and read tokens.",
  instance: "",
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
      required: isRequired,
      ...(told === undefined ? {} : { description: told }),
      schema: json(shape),
    };
  });
}

function answerObject(answer: z.ZodType | "html"): JsonObject {
  const content = answer === "html" ? { "text/html": {} } : jsonContent(schemaOf(answer, "output"));
  return { description: "As asked.", headers: HEADERS, content };
}

function refusalObject({ for: caller }: Operation, status: Refusal): JsonObject {
  const name = caller === "path" ? "GatewayError" : "Error";
  const retry: JsonObject =
    status === 429 || status === 503 ? { "Retry-After": header("Seconds to wait.", "integer") } : {};
  return {
    description: REFUSALS[status],
    headers: { ...HEADERS, ...retry },
    content: jsonContent({ $ref: `#/components/schemas/${name}` }),
  };
}

function refusalsOf(operation: Operation): readonly Refusal[] {
  const always: readonly Refusal[] = operation.for === "anybody" ? [400, 429, 503] : [400, 401, 429, 503];
  return [...new Set([...always, ...(operation.refusals ?? [])])].sort((a, b) => a - b);
}

const HEADERS: JsonObject = {
  RateLimit: header('How many requests are left and for how long: `"100-in-1min"; r=99; t=60`.', "string"),
  "RateLimit-Policy": header("How many requests are allowed in how many seconds.", "string"),
  "X-Request-Id": header("The request's own, or one that was made; it stands in the log.", "string"),
};

function header(description: string, type: string): JsonObject {
  return { description, schema: { type } };
}

function jsonContent(schema: Json): JsonObject {
  return { "application/json": { schema } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  return json(z.toJSONSchema(schema, { io, unrepresentable: "any" }));
}

/** The same as plain JSON: without what is `undefined`, and without the dialect, which is OpenAPI 3.1's own. */
function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify({ ...value, $schema: undefined })) as JsonObject;
}
