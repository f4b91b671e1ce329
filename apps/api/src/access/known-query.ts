import { OPERATIONS } from "@ticktally/schemas";
import type { RequestHandler } from "express";
import { pathToRegexp } from "path-to-regexp";
import { ApiError } from "../http/api-error.ts";
import { unknownKeys } from "../http/request-input.ts";
import type { Authoriser } from "./authorise.ts";

/**
 * Rejects unknown query parameters of every call. If they were ignored, the answer would not match the question, such as counts of all time
 * instead of one day. The known parameters are those in the OpenAPI document. A caller without a token only learns that the token is
 * missing.
 */
export function knownQuery(authoriser: Pick<Authoriser, "caller">): RequestHandler {
  return async (req, _res, next) => {
    const given = Object.keys(req.query);
    const method = req.method === "HEAD" ? "get" : req.method.toLowerCase();
    const call = given.length === 0 ? undefined : CALLS.find((one) => one.method === method && one.path.test(req.path));
    const unknown = call === undefined ? [] : given.filter((name) => !call.parameters.has(name));
    if (call === undefined || unknown.length === 0) {
      next();
      return;
    }
    if (call.hasToken) await authoriser.caller(req);
    const names = unknown.slice(0, NAMES_SHOWN).map((name) => `\`${name.slice(0, NAME_CHARS_SHOWN)}\``);
    throw new ApiError("bad_request", unknownKeys(names, "query parameter"));
  };
}

const NAMES_SHOWN = 5;
const NAME_CHARS_SHOWN = 64;

const CALLS = OPERATIONS.map(({ method, path, query, ...operation }) => ({
  method,
  path: pathToRegexp(path.replace(/\{(\w+)\}/g, ":$1")).regexp,
  parameters: new Set(Object.keys(query?.shape ?? {})),
  hasToken: operation.for !== "anybody",
}));
