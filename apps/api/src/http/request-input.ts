import { promisify } from "node:util";
import { parseJsonText } from "@ticktally/gateways";
import express, { type Request, type RequestHandler, type Response } from "express";
import type { z } from "zod";
import { ApiError } from "./api-error.ts";

/** Enough for every hand-written body; a route that accepts files sets its own limit. */
export const BODY_BYTES_MAX = 64 * 1024;
const FAULTS_SHOWN = 5;

/** Parse the query. A repeated parameter arrives as an array. @throws {ApiError} bad_request, naming each fault */
export function queryOf<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  return validInput(schema, req.query, "query parameter");
}

/**
 * Parse the query, with missing parameters from a JSON body: some clients put the parameters of a GET there.
 * @throws {ApiError} payload_too_large, unsupported_media_type, bad_request
 */
export async function queryOrBodyOf<Schema extends z.ZodType>(
  req: Request,
  res: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  if (isEmpty(req)) return queryOf(req, schema);
  const text = await bodyText(req, res, BODY_BYTES_MAX);
  const body = text.trim() === "" ? {} : parsed(text);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new ApiError("bad_request", "The body must be a JSON object, or empty.");
  return validInput(schema, { ...asQuery(body), ...req.query }, "parameter");
}

/** Query parameters are text. */
function asQuery(body: object): object {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "number" ? String(value) : value,
    ]),
  );
}

interface BodyOptions {
  readonly bytesMax?: number;
  /** Parsed as JSON whatever the `Content-Type`. */
  readonly isAnyType?: boolean;
}

/**
 * Read a JSON body. Only after the caller is identified: bodies of unknown callers are not read. Whole numbers too large for JavaScript
 * arrive as the string of their digits.
 * @throws {ApiError} unsupported_media_type, payload_too_large, bad_request
 */
export async function bodyOf<Schema extends z.ZodType>(
  req: Request,
  res: Response,
  schema: Schema,
  { bytesMax = BODY_BYTES_MAX, isAnyType = false }: BodyOptions = {},
): Promise<z.output<Schema>> {
  if (!isAnyType) requireJson(req);
  else if (isEmpty(req)) throw emptyBody();
  return validBody(schema, await bodyText(req, res, bytesMax));
}

/** @throws {ApiError} unsupported_media_type; bad_request if there is no body */
export function requireJson(req: Request): void {
  if (isEmpty(req)) throw emptyBody();
  if (req.is(JSON_TYPES) === false)
    throw new ApiError("unsupported_media_type", "Send JSON, with Content-Type: application/json.");
}

/** @throws {ApiError} bad_request */
export function validBody<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  if (text.trim() === "") throw emptyBody();
  return validInput(schema, parsed(text), "field");
}

export function tooLarge(bytesMax: number): ApiError {
  return new ApiError("payload_too_large", `The body is larger than ${String(bytesMax)} bytes; send less at a time.`);
}

/** body-parser reports an unknown charset in the same way. */
export function wrongEncoding(): ApiError {
  return new ApiError(
    "unsupported_media_type",
    "Send JSON in UTF-8, not compressed or with gzip, deflate or br as Content-Encoding.",
  );
}

function emptyBody(): ApiError {
  return new ApiError("bad_request", "The body is empty; send JSON.");
}

/** Express sets `null` for a request without a body. */
function isEmpty(req: Request): boolean {
  return req.get("content-length") === "0" || req.is(JSON_TYPES) === null;
}

/**
 * @param kind the word for a key of the input in messages
 * @throws {ApiError} bad_request, naming each fault
 */
function validInput<Schema extends z.ZodType>(schema: Schema, input: unknown, kind: string): z.output<Schema> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const faults = [...new Set(result.error.issues.map((issue) => faultOf(issue, kind)))];
  throw new ApiError("bad_request", faults.slice(0, FAULTS_SHOWN).join("; "));
}

const JSON_TYPES = ["json", "+json"];

/** Fixed here, because body-parser decompresses whatever its Node supports: zstd from 22.15 on, but not on 20. */
const ENCODINGS: ReadonlySet<string> = new Set(["identity", "gzip", "deflate", "br"]);

async function bodyText(req: Request, res: Response, bytesMax: number): Promise<string> {
  if (!ENCODINGS.has((req.get("content-encoding") ?? "identity").toLowerCase())) throw wrongEncoding();
  const read: RequestHandler = express.text({ type: () => true, limit: bytesMax });
  try {
    await promisify(read)(req, res);
  } catch (error) {
    throw readFault(error, bytesMax);
  }
  const body: unknown = req.body;
  return typeof body === "string" ? body : "";
}

/** body-parser reports an invalid request by a status. */
function readFault(error: unknown, bytesMax: number): unknown {
  switch (error instanceof Error && "status" in error ? error.status : undefined) {
    case 413:
      return tooLarge(bytesMax);
    case 415:
      return wrongEncoding();
    default:
      return error;
  }
}

function parsed(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw new ApiError("bad_request", `The body is not valid JSON: ${error instanceof Error ? error.message : "?"}.`);
  }
}

/** A schema's message continues the field's name: "must be digits"; a message for the whole input is a complete sentence. */
function faultOf(issue: z.core.$ZodIssue, kind: string): string {
  const path = issue.path.map(String).join(".");
  const name = path === "" ? (kind === "field" ? "The body" : "The query") : `\`${path}\``;
  if (issue.input === undefined && issue.code !== "unrecognized_keys") return `${name} is required`;
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(
        issue.keys.map((key) => `\`${[...issue.path, key].join(".")}\``),
        kind,
      );
    case "invalid_type":
      return `${name} must be ${TYPES[issue.expected] ?? `of type ${issue.expected}`}`;
    case "invalid_value":
      return `${name} must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `${name} must ${amount("at least", issue.minimum, issue.origin)}`;
    case "too_big":
      return `${name} must ${amount("at most", issue.maximum, issue.origin)}`;
    default:
      return path === "" ? issue.message : `${name} ${issue.message}`;
  }
}

/** @param keys quoted @param kind what they are: "field", "query parameter" */
export function unknownKeys(keys: readonly string[], kind: string): string {
  return `${keys.join(", ")} ${keys.length === 1 ? `is not a known ${kind}` : `are not known ${kind}s`}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "a JSON object",
};
const UNITS: Readonly<Record<string, string>> = { string: "character", array: "item" };

function amount(bound: string, value: number | bigint, origin: string): string {
  const unit = UNITS[origin];
  if (unit === undefined) return `be ${bound} ${String(value)}`;
  return `have ${bound} ${String(value)} ${unit}${Number(value) === 1 ? "" : "s"}`;
}
