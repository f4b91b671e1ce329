import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { openApiDocument, OPERATIONS } from "../../packages/schemas/src/index.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
interface Response {
  readonly description?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}
interface Call {
  readonly path: RegExp;
  readonly method: string;
  /** It can also answer as CSV. */
  readonly isTable: boolean;
  readonly responses: Readonly<Record<string, Response>>;
}

const published = openApiDocument();
/** Schemas that are combined by `allOf`: they must accept the fields of the other parts. */
const PARTS = new Set<unknown>();
JSON.stringify(published, (key, value: unknown) => {
  if (key === "allOf") for (const { $ref } of value as { $ref?: string }[]) PARTS.add($ref);
  return value;
});

/** The same document without undocumented fields: it forbids every field that it does not name. */
function strict(value: unknown, at = "#"): unknown {
  if (Array.isArray(value)) return value.map((part) => strict(part, at));
  if (typeof value !== "object" || value === null) return value;
  const whole = "allOf" in value;
  const parts = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, whole ? part : strict(part, `${at}/${key}`)]),
  );
  if (whole) return { ...parts, unevaluatedProperties: false };
  const isOpen = PARTS.has(at) || "additionalProperties" in parts;
  return "properties" in parts && !isOpen ? { ...parts, additionalProperties: false } : parts;
}

const document = strict(published) as typeof published;
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ ...document, $id: "openapi" });

const paths: unknown = document["paths"];
const calls: readonly Call[] = Object.entries(
  paths as Record<string, Record<string, { parameters?: object[]; responses: Record<string, Response> }>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { responses, parameters = [] }]) => {
    return {
      path: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]*")}/?$`, "i"),
      method,
      isTable: JSON.stringify(parameters).includes("/format"),
      responses,
    };
  }),
);
const validators = new Map<object, ValidateFunction>();

/**
 * Check an answer of the REST API against the OpenAPI document: it must document the status, and the body must match its schema.
 * @throws the answer does not match; an undocumented path or method may only be refused
 */
export function checkAgainstOpenApi(method: string, path: string, { status, headers, text }: Answer): void {
  const [plain = ""] = path.split("?");
  const call = calls.find((known) => known.method === method.toLowerCase() && known.path.test(plain));
  if (call === undefined) {
    if (status >= 400 || method === "HEAD" || isLeftOut(plain)) return;
    throw new Error(`${method} ${plain} was answered ${status} and is not in the OpenAPI document`);
  }
  const refused = call.responses["default"];
  const response = referred(
    call.responses[String(status)] ?? (documents(referred(refused), status) ? refused : undefined),
  );
  // A path that cannot be decoded reaches no route.
  if (response === undefined && status === 400) return;
  if (response === undefined)
    throw new Error(`the OpenAPI document of ${method} ${plain} does not name the status ${status}`);
  const isToWait = [429, 503].includes(status) && response.headers?.["Retry-After"] !== undefined;
  if (isToWait && !(Number(headers.get("retry-after")) > 0))
    throw new Error(`${method} ${plain} ${status} does not say how long to wait`);
  const isWebhook = plain.startsWith("/webhooks/");
  if (!isWebhook && headers.get("x-request-id") === null)
    throw new Error(`${method} ${plain} ${status} has no X-Request-Id`);
  if (headers.get("content-type")?.startsWith("text/csv") === true) {
    if (call.isTable) return;
    throw new Error(`the OpenAPI document of ${method} ${plain} does not name CSV`);
  }
  const schema = response.content?.["application/json"]?.schema;
  if (schema === undefined) return;
  const validate = validators.get(schema) ?? ajv.compile(withOwnReferences(schema));
  validators.set(schema, validate);
  if (!validate(JSON.parse(text))) {
    throw new Error(
      `${method} ${plain} ${status} does not match the OpenAPI document: ${ajv.errorsText(validate.errors)}`,
    );
  }
}

const components: unknown = document["components"];
const { responses } = components as { responses: Record<string, Response> };

/** Many calls share their error answers by reference. */
function referred(response: (Response & { readonly $ref?: string }) | undefined): Response | undefined {
  return response?.$ref === undefined ? response : responses[response.$ref.split("/").at(-1) ?? ""];
}

/** A page, or another path of a documented call. */
function isLeftOut(plain: string): boolean {
  if (/^\/webhooks\/[^/]+\//.test(plain)) return true;
  return OPERATIONS.some(({ path, isLeftOut: isSo }) => isSo === true && plain.startsWith(path.replace(/\{.*/, "")));
}

/** A response that is shared by several statuses names them in its description. */
function documents(response: Response | undefined, status: number): boolean {
  return new RegExp(`\\b${String(status)}\\b`).test(response?.description ?? "");
}

function withOwnReferences(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components');
  return JSON.parse(text) as object;
}
