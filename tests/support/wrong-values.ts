/** Invalid values for requests: wrong types, boundary values, and values that are known to break programs. */

export interface BodySchema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, BodySchema>>;
  readonly required?: readonly string[];
  readonly items?: BodySchema;
  readonly anyOf?: readonly BodySchema[];
  readonly oneOf?: readonly BodySchema[];
}

export const WRONG_TEXTS: readonly string[] = [
  "",
  " ",
  "x",
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e400",
  "NaN",
  "9".repeat(30),
  "2026-13-45",
  "2026-10-01T08:00",
  "+275760-09-13T00:00:00Z",
  "Europe/Nowhere",
  "__proto__",
  "constructor",
  "a,b,,c",
  "🎉\u0000\n\u2028",
  "http://",
  "https://[",
  "1_x",
  "1.1.1",
  "0.999999.9999999999",
  "99999.999999.9999999999",
  "x".repeat(5_000),
];

/** Invalid parts of a URL path, some of which cannot be decoded. */
export const WRONG_PARTS: readonly string[] = [
  "x",
  "%20",
  "%00",
  "%ff",
  "%",
  "%ED%A0%80",
  "..%2F..%2Fx",
  "__proto__",
  "constructor",
  "%F0%9F%8E%89",
  "-1",
  "0",
  "9".repeat(30),
  ",",
  "*",
  "x".repeat(5_000),
];

const WRONG_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 60,
  [],
  [null],
  [[]],
  ["x"],
  {},
  { x: 1 },
  ...WRONG_TEXTS,
];

/** What is no JSON, or too much of it: refused whatever the schema. */
const UNREAD: readonly string[] = [
  "",
  "x",
  "{",
  "[1,",
  '"\\ud800"',
  '{"__proto__": 1}',
  "1e999",
  "\u0000",
  "[".repeat(20_000),
  JSON.stringify("x".repeat(70_000)),
];

/** Invalid bodies for a schema, each once: not JSON, the wrong type, or a wrong, missing or unknown field at any depth. */
export function wrongBodies(schema: BodySchema): readonly string[] {
  return [...new Set([...UNREAD, ...variants(schema).map((body) => JSON.stringify(body))])];
}

function variants(schema: BodySchema): readonly unknown[] {
  const shapes = schema.anyOf ?? schema.oneOf;
  if (shapes !== undefined) return shapes.flatMap(variants);
  if (schema.items !== undefined) return [...WRONG_VALUES, ...variants(schema.items).map((value) => [value])];
  const { properties = {}, required = [] } = schema;
  const whole = validOf(schema);
  if (!isRecord(whole)) return WRONG_VALUES;
  return [
    ...WRONG_VALUES,
    { ...whole, unknown: 1 },
    ...required.map((name) => ({ ...whole, [name]: undefined })),
    ...Object.entries(properties).flatMap(([name, property]) =>
      variants(property).map((value) => ({ ...whole, [name]: value })),
    ),
  ];
}

/** A value with the required fields that the schema may accept. */
function validOf(schema: BodySchema): unknown {
  const { anyOf, oneOf, type, properties = {}, required = [] } = schema;
  const [first] = anyOf ?? oneOf ?? [];
  if (first !== undefined) return validOf(first);
  if (schema.const !== undefined || schema.enum !== undefined) return schema.const ?? schema.enum?.[0];
  if (type === "object") return Object.fromEntries(required.map((name) => [name, validOf(properties[name] ?? {})]));
  return type === "array" ? [] : type === "boolean" ? false : type === "string" ? textOf(schema) : 1;
}

function textOf({ format }: BodySchema): string {
  return format === "uri" ? "https://gateway.example" : "a1";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
